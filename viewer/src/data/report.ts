/** The report of a day, a week or a month, as the command `report` answers it. Pure. */

import { least, sum, type Maybe } from '../text/numbers.ts'

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

/** The report of some of the nodes; null: of all. Sums are of what is known. */
export function narrowed(report: Report, names: ReadonlySet<string> | null): Report {
  if (!names) return report
  const nodes = report.nodes.filter(({ node }) => names.has(node))
  const { ingress, egress } = { ingress: sum(nodes.map(one => one.traffic.ingress)), egress: sum(nodes.map(one => one.traffic.egress)) }
  const money = (key: 'estimate' | 'earned' | 'paid' | 'profit'): Maybe => sum(nodes.map(one => one.money[key]))
  return { ...report, nodes, totals: { ingress, egress, disk_used: sum(nodes.map(one => one.storage.disk_used)), estimate: money('estimate'), earned: money('earned'), paid: money('paid'), profit: money('profit') } }
}

export const SCORE_KEYS = ['audit_score', 'suspension_score', 'online_score'] as const
export type ScoreKey = (typeof SCORE_KEYS)[number]
export interface Stood { node: string; one: Standing }

const numberOf = (value: Maybe | string | undefined): number | null => (typeof value === 'number' ? value : null)
/** The lowest that a score was in the span. */
export const lowestOf = (one: Standing, key: ScoreKey): number | null => least([numberOf(one[key]), numberOf(one[`${key}_lowest`])])

/** Of a node at a satellite all three scores are known and were 100 all the time: nothing to look at. */
export const isPerfect = ({ one }: Stood): boolean => SCORE_KEYS.every(key => (lowestOf(one, key) ?? 0) >= 99.995)

/** The score with the least way left to its own limit (storagenode.md §6). */
export function worstOf(rows: Stood[]): { key: ScoreKey; value: number; at: Stood } | null {
  const left = (key: ScoreKey, value: number): number => (key === 'audit_score' ? (value - 96) / 4 : (value - 60) / 40)
  const known = rows.flatMap(at => SCORE_KEYS.flatMap(key => {
    const value = lowestOf(at.one, key)
    return value === null ? [] : [{ key, value, at }]
  }))
  return known.sort((a, b) => left(a.key, a.value) - left(b.key, b.value))[0] ?? null
}

export interface Happened extends ReportedEvent { node: string; times: number }

/** Equal things of a node are one, the newest of them; what is critical comes first. */
export function happened(nodes: NodeReport[]): Happened[] {
  const found = new Map<string, Happened>()
  for (const { node, events } of nodes)
    for (const event of events.rows) {
      const key = `${node} ${event.severity} ${event.text}`
      const known = found.get(key)
      found.set(key, { ...event, node, at: Math.max(event.at, known?.at ?? 0), times: (known?.times ?? 0) + 1 })
    }
  const rank = ({ severity }: Happened): number => Number(severity !== 'critical')
  return [...found.values()].sort((a, b) => rank(a) - rank(b) || b.at - a.at)
}

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
