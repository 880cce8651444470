/** The windows of 12 hours by which a satellite counts a node's presence. */

import { isNumber } from '../text/numbers.ts'
import { ask, nodeArgs } from './agent.ts'
import { counts, type Node } from './model.ts'
import { useResource } from './resource.ts'

/** `share` 0…1 of the audits that reached the node; null where none was sent. */
export interface Window { start: number; share: number | null }

type Cell = number | null
interface Answer { columns: string[]; satellites: Record<string, Cell[][]> }

const SHOWN = 60

/** Oldest first, by satellite. */
export function windowsOf(answer: Answer | null): Record<string, Window[]> {
  const [t, total, online] = ['t', 'total', 'online'].map(name => answer?.columns.indexOf(name) ?? -1) as [number, number, number]
  const window = (row: Cell[]): Window => ({ start: row[t] ?? 0, share: shareOf(row[online], row[total]) })
  return Object.fromEntries(Object.entries(answer?.satellites ?? {}).map(([name, rows]) => [name, rows.slice(-SHOWN).map(window)]))
}

const shareOf = (online: Cell | undefined, total: Cell | undefined): number | null =>
  isNumber(online) && isNumber(total) && total > 0 ? online / total : null

/** The satellite whose online score is the lowest: its windows are the ones to look at. */
export function worstOnline(node: Node): string | null {
  const judged = node.satellites.filter(({ state }) => counts(state) && isNumber(state.online_score))
  judged.sort((a, b) => a.state.online_score! - b.state.online_score!)
  return judged[0]?.name ?? null
}

/** One question a node answers for all its satellites; empty while unknown, and where the agent has none. */
export const useAllWindows = (node: Node): Record<string, Window[]> =>
  useResource(`windows ${node.key}`, 1800, async () => windowsOf(await ask<Answer>('online_windows', nodeArgs(node)))).value ?? {}

/** Of one satellite; null while unknown. */
export function useWindows(node: Node, satellite: string | null): Window[] | null {
  const all = useAllWindows(node)
  const found = satellite ? all[satellite] : null
  return found?.length ? found : null
}
