/** What has a history worth a line, and what nodes are compared by; one row each. */

import { count, decimal, isNumber, mbit, money, percent, size, sum, type Maybe } from '../text/numbers.ts'
import { briefly, DAY, duration } from '../text/times.ts'
import type { Topic } from '../text/explain.ts'
import { words } from '../text/words.ts'
import type { Node } from './model.ts'

export interface Measure {
  /** Key of the history. */
  metric: string
  name: string
  topic: Topic
  zero: boolean
  most?: number
  /** Of a satellite as well as of the node. */
  bySatellite?: boolean
  agg?: 'min' | 'last'
  /** Counts: no grid line lies between two whole numbers. */
  whole?: boolean
  show(value: number): string
}

const say = words.measures
const pc = (value: number): string => percent(value)
const whole = (value: number): string => count(value)

export const MEASURES: Measure[] = [
  { metric: 'online_score', name: say.online, topic: 'online', zero: false, most: 100, bySatellite: true, agg: 'min', show: pc },
  { metric: 'audit_score', name: say.audit, topic: 'audit', zero: false, most: 100, bySatellite: true, agg: 'min', show: pc },
  { metric: 'suspension_score', name: say.suspension, topic: 'suspension', zero: false, most: 100, bySatellite: true, agg: 'min', show: pc },
  { metric: 'disk_used', name: say.stored, topic: 'disk', zero: false, agg: 'last', show: value => size(value) },
  { metric: 'disk_trash', name: say.trash, topic: 'trash', zero: true, agg: 'last', show: value => size(value) },
  { metric: 'egress_rate', name: say.out, topic: 'traffic', zero: true, bySatellite: true, show: value => `${mbit(value)} Mbit/s` },
  { metric: 'ingress_rate', name: say.in, topic: 'traffic', zero: true, bySatellite: true, show: value => `${mbit(value)} Mbit/s` },
  { metric: 'transfer_rate', name: say.transfers, topic: 'pieces', zero: true, show: value => decimal(value, 1) },
  { metric: 'download_success', name: say.download, topic: 'download', zero: false, most: 100, bySatellite: true, show: pc },
  { metric: 'upload_success', name: say.upload, topic: 'upload', zero: false, most: 100, bySatellite: true, show: pc },
  { metric: 'repair_success', name: say.repair, topic: 'repair', zero: false, most: 100, bySatellite: true, show: pc },
  { metric: 'audit_success', name: say.audits, topic: 'audits', zero: false, most: 100, bySatellite: true, show: pc },
  { metric: 'disk_reclaimable', name: say.reclaimable, topic: 'reclaimable', zero: true, agg: 'last', show: value => size(value) },
  { metric: 'disk_free', name: say.free, topic: 'free', zero: true, agg: 'last', show: value => size(value) },
  { metric: 'log_unknown_share', name: say.unknownShare, topic: 'unknownShare', zero: true, show: pc },
  { metric: 'hidden_failures', name: say.hidden, topic: 'hidden', zero: true, whole: true, show: whole },
  { metric: 'audit_slow', name: say.slowAudits, topic: 'slowAudits', zero: true, whole: true, show: whole },
  { metric: 'errors', name: say.errors, topic: 'errors', zero: true, whole: true, show: whole },
]

export interface Compared {
  id: string
  name: string
  topic: Topic
  /** Which end is the good one; null: neither. */
  better: 'high' | 'low' | null
  hide?: 'col-x' | 'col-m'
  value(node: Node, now: number): number | null
  show(value: number): string
}

const per = (a: Maybe, b: Maybe): number | null => (isNumber(a) && isNumber(b) && b > 0 ? a / b : null)
const known = (value: Maybe): number | null => (isNumber(value) ? value : null)
const TB = 1e12
const estimate = ({ state }: Node): number | null => state.payout_estimate ?? state.payout_estimate_node ?? null

/** Sizes are made equal: traffic and money per TB that is stored. */
export const COMPARED: Compared[] = [
  { id: 'fill', name: say.fill, topic: 'disk', better: null, value: ({ state }) => scaled(per(state.disk_used, state.disk_allocated), 100), show: value => `${decimal(value, 1)}%` },
  { id: 'stored', name: say.stored, topic: 'stored', better: 'high', hide: 'col-m', value: ({ state }) => known(state.disk_used), show: value => size(value) },
  { id: 'out', name: say.outPerTb, topic: 'traffic', better: 'high', value: ({ state }) => scaled(per(state.egress_month, state.disk_used), TB), show: value => size(value) },
  { id: 'in', name: say.inMonth, topic: 'month', better: 'high', hide: 'col-x', value: ({ state }) => known(state.ingress_month), show: value => size(value) },
  { id: 'money', name: say.moneyPerTb, topic: 'money', better: 'high', value: node => scaled(per(estimate(node), node.state.disk_used), TB), show: value => money(value) },
  { id: 'paid', name: say.paidShare, topic: 'storage', better: 'high', hide: 'col-x', value: node => scaled(per(sum(node.satellites.map(({ state }) => state.storage)), node.state.disk_used), 100), show: value => `${decimal(value, 1)}%` },
  { id: 'trash', name: say.trashShare, topic: 'trash', better: 'low', hide: 'col-x', value: ({ state }) => scaled(per(state.disk_trash, state.disk_used), 100), show: value => `${decimal(value, 2)}%` },
  { id: 'download', name: say.download, topic: 'download', better: 'high', value: ({ state }) => known(state.download_success), show: pc },
  { id: 'upload', name: say.upload, topic: 'upload', better: 'high', value: ({ state }) => known(state.upload_success), show: pc },
  { id: 'audit', name: say.audit, topic: 'audit', better: 'high', hide: 'col-m', value: ({ state }) => known(state.audit_score), show: pc },
  { id: 'online', name: say.online, topic: 'online', better: 'high', hide: 'col-m', value: ({ state }) => known(state.online_score), show: pc },
  { id: 'errors', name: say.errors, topic: 'errors', better: 'low', hide: 'col-x', value: ({ state }) => known(state.errors), show: whole },
  { id: 'full', name: say.full, topic: 'full', better: null, hide: 'col-x', value: ({ state }) => known(state.disk_full_days), show: value => briefly(value * DAY) },
  { id: 'up', name: say.up, topic: 'contact', better: null, hide: 'col-x', value: ({ state }, now) => (isNumber(state.started) ? now - state.started : null), show: value => duration(value) },
]

const scaled = (value: number | null, factor: number): number | null => (value === null ? null : value * factor)

/** 1 for the best; what looks equal shares a rank; null where nothing is known or nothing is better. */
export function ranks(values: (number | null)[], better: Compared['better']): (number | null)[] {
  if (better === null) return values.map(() => null)
  const seen = values.map(value => (value === null ? null : Number(value.toPrecision(4))))
  const order = seen.filter(isNumber).sort((a, b) => (better === 'high' ? b - a : a - b))
  return seen.map(value => (value === null ? null : order.indexOf(value) + 1))
}
