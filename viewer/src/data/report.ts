/** The report of a day, a week or a month, as the command `report` answers it. Pure. */

import type { Maybe } from '../text/numbers.ts'

interface Counted { ok: number; canceled: number; failed: number; rejected: number; bytes: number; percent: Maybe }
export type Successes = Record<'download' | 'upload' | 'repair' | 'audit', Counted>
export interface Standing { name: string; [score: string]: Maybe | string }
export interface ReportedEvent { at: number; severity: string; text: string }

export interface NodeReport {
  node: string
  traffic: { ingress: Maybe; egress: Maybe }
  success: Successes
  storage: Record<'disk_allocated' | 'disk_used' | 'disk_free' | 'disk_trash' | 'change', Maybe>
  money: Record<'estimate' | 'earned' | 'held' | 'paid' | 'costs' | 'profit', Maybe>
  reputation: Standing[]
  events: { warning: number; critical: number; more: boolean; rows: ReportedEvent[] }
}

export interface Report { period: string; from: number; to: number; complete: boolean; nodes: NodeReport[]; totals: Record<'ingress' | 'egress' | 'disk_used' | 'estimate' | 'earned' | 'paid' | 'profit', Maybe> }

export const PERIODS = ['day', 'week', 'month', 'year'] as const
export type Period = (typeof PERIODS)[number]

/** A moment in the period before, or in the one after. */
export const beside = ({ from, to }: Pick<Report, 'from' | 'to'>, by: -1 | 1): number => (by < 0 ? from - 1 : to)

type Line = [node: string, satellite: string, measure: string, value: string | number | null]
export const REPORT_HEAD = ['from', 'to', 'node', 'satellite', 'measure', 'value']

const isFigure = (value: unknown): value is number | null => typeof value === 'number' || value === null

/** Every figure of the report in a row of its own, for spreadsheets. */
export function reportRows(report: Report): (string | number | null)[][] {
  const [from, to] = [report.from, report.to].map(at => new Date(at * 1000).toISOString()) as [string, string]
  return report.nodes.flatMap(linesOf).map(line => [from, to, ...line])
}

function linesOf({ node, traffic, success, storage, money, reputation, events }: NodeReport): Line[] {
  const flat = (group: string, values: object): Line[] =>
    Object.entries(values).flatMap(([key, value]) => (isFigure(value) ? [[node, '', `${group}.${key}`, value] as Line] : []))
  const kinds = (['download', 'upload', 'repair', 'audit'] as const).flatMap(kind => flat(kind, success[kind]))
  const scores = reputation.flatMap(one => Object.entries(one).flatMap(([key, value]) => (isFigure(value) ? [[node, one.name, `reputation.${key}`, value] as Line] : [])))
  return [...flat('traffic', traffic), ...kinds, ...flat('storage', storage), ...flat('money', money), ...scores, ...flat('events', { warning: events.warning, critical: events.critical })]
}
