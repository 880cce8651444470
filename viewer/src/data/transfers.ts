/** Counts of transfers by satellite, action and outcome, and the shares made of them. */

import { ask, nodeArgs } from './agent.ts'
import type { Node } from './model.ts'
import { useResource, type Resource } from './resource.ts'
import { now } from './store.ts'

export interface Transfer { satellite: string; action: string; outcome: string; count: number; bytes: number }

export interface Tally { ok: number; canceled: number; failed: number; rejected: number; bytes: number }

export const ACTIONS: { action: string; name: string; out: boolean }[] = [
  { action: 'GET', name: 'Download', out: true },
  { action: 'PUT', name: 'Upload', out: false },
  { action: 'GET_REPAIR', name: 'Repair out', out: true },
  { action: 'PUT_REPAIR', name: 'Repair in', out: false },
  { action: 'GET_AUDIT', name: 'Audit', out: true },
]

/** The answer is a list of objects; older agents wrap it as `{rows}`. */
export function transferRows(answer: unknown): Transfer[] {
  const list = Array.isArray(answer) ? answer : ((answer as { rows?: unknown } | null)?.rows ?? [])
  return Array.isArray(list) ? (list.filter(row => row && typeof row === 'object' && 'count' in row) as Transfer[]) : []
}

export function tallyOf(rows: Transfer[], fits: (row: Transfer) => boolean): Tally {
  const tally: Tally = { ok: 0, canceled: 0, failed: 0, rejected: 0, bytes: 0 }
  for (const row of rows.filter(fits)) {
    if (row.outcome in tally && row.outcome !== 'bytes') tally[row.outcome as 'ok'] += row.count
    tally.bytes += row.bytes ?? 0
  }
  return tally
}

export const ended = ({ ok, canceled, failed }: Tally): number => ok + canceled + failed
/** ok ÷ (ok + canceled + failed) as percent; null when nothing ended. */
export const success = (tally: Tally): number | null => (ended(tally) ? (100 * tally.ok) / ended(tally) : null)

/** Transfers of the last `seconds`, over several nodes; a node that cannot answer is left out. */
export function useTransfers(nodes: Node[], seconds: number, by: string[]): Resource<Transfer[]> {
  const key = `transfers ${seconds} ${by} ${nodes.map(node => node.key).join(' ')}`
  return useResource(key, 120, async () => {
    const to = Math.floor(now.peek())
    const answers = await Promise.allSettled(nodes.map(node => ask('transfers', { ...nodeArgs(node), from: to - seconds, to, by })))
    const known = answers.flatMap(answer => (answer.status === 'fulfilled' ? transferRows(answer.value) : []))
    const failed = answers.find(answer => answer.status === 'rejected')
    if (failed && answers.every(answer => answer.status === 'rejected')) throw failed.reason
    return known
  })
}
