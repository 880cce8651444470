/** What the topics of the board mean (agent/docs/contract.md), and order: worst first. Pure. */

import { isNumber, type Maybe } from '../text/numbers.ts'

export interface NodeState {
  ts?: Maybe; name?: string | null; node_id?: string | null
  version?: string | null; version_minimum?: string | null; version_due?: string | null
  online?: boolean | null; status?: string | null; status_text?: string | null
  started?: Maybe; last_contact?: Maybe; quic?: boolean | null; maintenance_until?: Maybe
  log_last?: Maybe; log_lines?: Maybe; log_unknown_share?: Maybe; log_behind?: Maybe
  disk_allocated?: Maybe; disk_used?: Maybe; disk_trash?: Maybe; disk_reclaimable?: Maybe; disk_overused?: Maybe
  disk_free?: Maybe; filesystem_total?: Maybe; filesystem_free?: Maybe; disk_full_days?: Maybe
  ingress_today?: Maybe; egress_today?: Maybe; ingress_month?: Maybe; egress_month?: Maybe
  day_started?: Maybe; month_started?: Maybe
  ingress_rate?: Maybe; egress_rate?: Maybe; transfer_rate?: Maybe
  download_success?: Maybe; upload_success?: Maybe; audit_success?: Maybe; repair_success?: Maybe; errors?: Maybe
  audit_score?: Maybe; suspension_score?: Maybe; online_score?: Maybe
  satellites?: Maybe; satellites_suspended?: Maybe; satellites_disqualified?: Maybe
  payout_estimate?: Maybe; payout_estimate_node?: Maybe; payout_last_month?: Maybe; payout_so_far?: Maybe; held_total?: Maybe; disk_growth?: Maybe
  alerts_critical?: Maybe; alerts_warning?: Maybe
}

export interface SatelliteState {
  ts?: Maybe; satellite_id?: string; url?: string; state?: string
  suspended?: Maybe; disqualified?: Maybe; vetted?: Maybe; joined?: Maybe
  audit_score?: Maybe; suspension_score?: Maybe; online_score?: Maybe; audit_distance?: Maybe
  storage?: Maybe; ingress_month?: Maybe; egress_month?: Maybe; month_started?: Maybe
  download_success?: Maybe; upload_success?: Maybe; audit_success?: Maybe
  payout_estimate?: Maybe; held_total?: Maybe
}

export interface About {
  version?: string; contract?: string | number; instance?: string; url?: string | null; nodes?: number | string[]
  cpu_percent?: Maybe; rss?: Maybe; lag?: Maybe; host_cpu_percent?: Maybe; host_iowait_percent?: Maybe
  /** When something was last set; absent where the agent does not say. */
  settings_changed?: number | null
}

export interface Alert {
  id: string; rule: string; severity: string; since: number; text: string; next_step?: string | null
  node: string | null; nodes: string[]; satellite: string | null; satellites: string[]
  acknowledged?: Maybe | boolean; acknowledged_at?: Maybe; silenced_until?: Maybe
}

/** An alert and the agent that says it. */
export interface Problem extends Alert { agent: string }

export interface Satellite { name: string; state: SatelliteState }

/** Everything known of one node. */
export interface Node {
  key: string
  agent: string
  name: string
  state: NodeState
  satellites: Satellite[]
  alerts: Alert[]
  thresholds: { disk_full_days?: Maybe; online_score?: Maybe }
}

export type Tone = 'crit' | 'warn' | 'unk' | 'maint' | 'ok'
export const TONES: Tone[] = ['crit', 'warn', 'unk', 'maint', 'ok']

export interface Topic { agent: string; node: string | null; kind: string; satellite: string | null }

/** `storj-monitor/<agent>/<node>/satellite/<name>/state` and its siblings; null for what is none of ours. */
export function parseTopic(topic: string): Topic | null {
  const [root, agent, ...rest] = topic.split('/')
  if (root !== 'storj-monitor' || !agent) return null
  if (rest.length === 1) return { agent, node: null, kind: rest[0]!, satellite: null }
  if (rest.length === 2) return { agent, node: rest[0]!, kind: rest[1]!, satellite: null }
  if (rest.length === 4 && rest[1] === 'satellite' && rest[3] === 'state') {
    return { agent, node: rest[0]!, kind: 'satellite', satellite: rest[2]! }
  }
  return null
}

const STATUS: Record<string, Tone> = { ok: 'ok', warning: 'warn', critical: 'crit', unknown: 'unk' }

/** Bytes of log from which on its numbers are not yet those of now. */
const BEHIND = 1_000_000
export const isBehind = ({ state }: Node): boolean => (state.log_behind ?? 0) > BEHIND

/** How a node is, in one word. A node in maintenance is that, unless something critical stands beside it. */
export function toneOf(state: NodeState, now: number): Tone {
  const tone = STATUS[state.status ?? 'unknown'] ?? 'unk'
  return tone !== 'crit' && isNumber(state.maintenance_until) && state.maintenance_until > now ? 'maint' : tone
}

const SEVERITY: Record<string, Tone> = { critical: 'crit', warning: 'warn', info: 'ok' }
export const toneOfAlert = (alert: Pick<Alert, 'severity'>): Tone => SEVERITY[alert.severity] ?? 'unk'

export const isSilenced = (alert: Alert, now: number): boolean => isNumber(alert.silenced_until) && alert.silenced_until > now
export const isAcknowledged = (alert: Alert): boolean => Boolean(alert.acknowledged)
/** Wants a look now: not silenced, not information. */
export const isUrgent = (alert: Alert, now: number): boolean =>
  !isSilenced(alert, now) && (alert.severity === 'critical' || alert.severity === 'warning')

const RANK = Object.fromEntries(TONES.map((tone, index) => [tone, index])) as Record<Tone, number>
export const worse = (a: Tone, b: Tone): number => RANK[a] - RANK[b]
export const worst = (tones: Iterable<Tone>): Tone => [...tones].sort(worse)[0] ?? 'ok'

const byText = new Intl.Collator(undefined, { numeric: true }).compare

/** Worst first; within a severity what is not yet acknowledged, then the oldest. */
export function worstAlerts<T extends Alert>(alerts: T[]): T[] {
  return [...alerts].sort(
    (a, b) =>
      worse(toneOfAlert(a), toneOfAlert(b)) || Number(isAcknowledged(a)) - Number(isAcknowledged(b)) || a.since - b.since || byText(a.id, b.id),
  )
}

/** Alerts of one rule and severity that several agents have are one; within an agent they stay as the agent gave them. */
export function grouped(problems: Problem[]): Problem[][] {
  const alike = Map.groupBy(problems, ({ rule, severity }) => `${severity} ${rule}`)
  const found = new Map<Problem, Problem[]>()
  for (const members of alike.values()) {
    const several = new Set(members.map(({ agent }) => agent)).size > 1
    for (const group of several ? [members] : members.map(one => [one])) found.set(group[0]!, group)
  }
  return problems.flatMap(problem => (found.has(problem) ? [found.get(problem)!] : []))
}

/** Everybody that a group of alerts is about: `attic`, or `nas` for an agent itself. */
export const namesOf = (group: Problem[]): string[] => [...new Set(group.flatMap(({ node, nodes, agent }) => (node ? [node] : nodes.length ? nodes : [agent])))].sort()
export const satellitesOf = (group: Problem[]): string[] => [...new Set(group.flatMap(({ satellite, satellites }) => (satellite ? [satellite] : satellites)))].sort()

export const worstNodes = (nodes: Node[], now: number): Node[] =>
  [...nodes].sort((a, b) => worse(toneOf(a.state, now), toneOf(b.state, now)) || byText(a.name, b.name))

export interface Host { agent: string; nodes: Node[] }

/** Hosts by their worst node, nodes in a host worst first. */
export function byHost(nodes: Node[], now: number): Host[] {
  const groups = Map.groupBy(nodes, node => node.agent)
  const tone = (host: Host): Tone => worst(host.nodes.map(node => toneOf(node.state, now)))
  return [...groups]
    .map(([agent, members]) => ({ agent, nodes: worstNodes(members, now) }))
    .sort((a, b) => worse(tone(a), tone(b)) || byText(a.agent, b.agent))
}

export type ScoreKey = 'audit_score' | 'suspension_score' | 'online_score'
export interface ScoreRow { key: ScoreKey; name: string; limit: number; crit: number; warn: number }

/** Limits of the satellites, and where the display turns (agent/docs/storagenode.md §6). */
export const SCORES: ScoreRow[] = [
  { key: 'audit_score', name: 'audit', limit: 96, crit: 97, warn: 99.95 },
  { key: 'suspension_score', name: 'suspension', limit: 60, crit: 70, warn: 95 },
  { key: 'online_score', name: 'online', limit: 60, crit: 70, warn: 95 },
]

export function toneOfScore(row: ScoreRow, value: Maybe): Tone {
  if (!isNumber(value)) return 'unk'
  return value <= row.crit ? 'crit' : value < row.warn ? 'warn' : 'ok'
}

export interface WorstScore { row: ScoreRow; value: number; node: Node; satellite: string | null }

/** The score with the least of its own way to the limit left. */
export function worstScore(nodes: Node[]): WorstScore | null {
  let found: WorstScore | null = null
  const left = (row: ScoreRow, value: number): number => (value - row.limit) / (100 - row.limit)
  for (const node of nodes)
    for (const row of SCORES) {
      const value = node.state[row.key]
      if (!isNumber(value) || (found && left(row, value) >= left(found.row, found.value))) continue
      const satellite = node.satellites.find(one => one.state[row.key] === value)?.name ?? null
      found = { row, value, node, satellite }
    }
  return found
}

/** The least way left to a limit, as a share of the whole way; null where no score is known. */
export function margin(scores: Partial<Record<ScoreKey, Maybe>>): number | null {
  const left = SCORES.map(row => [row, scores[row.key]] as const).flatMap(([row, value]) => (isNumber(value) ? [(value - row.limit) / (100 - row.limit)] : []))
  return left.length ? Math.min(...left) : null
}

/** A satellite that still counts: neither disqualified nor left. */
export const counts = (state: SatelliteState): boolean => state.state !== 'disqualified' && state.state !== 'exited'

/** How a satellite's view is: its state, then its scores. */
export function toneOfSatellite(state: SatelliteState): Tone {
  if (state.state === 'disqualified' || state.state === 'suspended') return 'crit'
  if (state.state === 'offline_suspended') return 'crit'
  if (state.state === 'exited') return 'ok'
  return worst(SCORES.map(row => toneOfScore(row, state[row.key])).filter(tone => tone !== 'unk'))
}

/** Worst first; those that no longer count last. */
export const worstSatellites = (list: Satellite[]): Satellite[] =>
  [...list].sort((a, b) =>
    Number(!counts(a.state)) - Number(!counts(b.state)) || worse(toneOfSatellite(a.state), toneOfSatellite(b.state)) || (margin(a.state) ?? 2) - (margin(b.state) ?? 2) || a.name.localeCompare(b.name))
