/** Counts of transfers by satellite, action and outcome, and the shares made of them. */

import { words } from '../text/words.ts'
import { ask, nodeArgs } from './agent.ts'
import type { Node } from './model.ts'
import { useResource, type Resource } from './resource.ts'
import { now } from './store.ts'

export interface Transfer { satellite: string; action: string; outcome: string; count: number; bytes: number }

/** `judged` ended in a way that counts for the share: an audit whose satellite went away does not. */
export interface Tally { ok: number; canceled: number; failed: number; rejected: number; judged: number; bytes: number }

export const ACTIONS: { action: string; name: string; out: boolean }[] = [
  { action: 'GET', name: words.actions.GET, out: true },
  { action: 'PUT', name: words.actions.PUT, out: false },
  { action: 'GET_REPAIR', name: words.actions.GET_REPAIR, out: true },
  { action: 'PUT_REPAIR', name: words.actions.PUT_REPAIR, out: false },
  { action: 'GET_AUDIT', name: words.actions.GET_AUDIT, out: true },
]

/** The answer is a list of objects; older agents wrap it as `{rows}`. */
export function transferRows(answer: unknown): Transfer[] {
  const list = Array.isArray(answer) ? answer : ((answer as { rows?: unknown } | null)?.rows ?? [])
  return Array.isArray(list) ? (list.filter(row => row && typeof row === 'object' && 'count' in row) as Transfer[]) : []
}

const OUTCOMES = ['ok', 'canceled', 'failed', 'rejected'] as const
const isOutcome = (word: string): word is (typeof OUTCOMES)[number] => (OUTCOMES as readonly string[]).includes(word)
const judges = ({ action, outcome }: Transfer): boolean =>
  outcome === 'ok' || outcome === 'failed' || (outcome === 'canceled' && action !== 'GET_AUDIT')

export function tallyOf(rows: Transfer[], fits: (row: Transfer) => boolean): Tally {
  const tally: Tally = { ok: 0, canceled: 0, failed: 0, rejected: 0, judged: 0, bytes: 0 }
  for (const row of rows.filter(fits)) {
    if (isOutcome(row.outcome)) tally[row.outcome] += row.count
    if (judges(row)) tally.judged += row.count
    tally.bytes += row.bytes ?? 0
  }
  return tally
}

export const ended = ({ ok, canceled, failed }: Tally): number => ok + canceled + failed
/** ok ÷ (ok + canceled + failed) as percent, of audits ok ÷ (ok + failed); null when nothing ended. */
export const success = ({ ok, judged }: Tally): number | null => (judged ? (100 * ok) / judged : null)

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
