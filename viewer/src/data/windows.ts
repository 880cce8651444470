/** The windows of 12 hours by which a satellite counts a node's presence. */

import type { Window } from '../ui/marks.tsx'
import { isNumber } from '../text/numbers.ts'
import { ask, nodeArgs } from './agent.ts'
import { counts, type Node } from './model.ts'
import { useResource } from './resource.ts'

const SHOWN = 60

/** Oldest first; `{online, total}` counts or a `share` (0…1), null where nothing was asked. */
export function windowsOf(answer: unknown): Window[] {
  const list = Array.isArray(answer) ? answer : ((answer as { windows?: unknown } | null)?.windows ?? [])
  if (!Array.isArray(list)) return []
  return list.slice(-SHOWN).map((row: Record<string, unknown>) => ({ share: shareOf(row) }))
}

function shareOf({ share, online, total }: Record<string, unknown>): number | null {
  if (isNumber(share)) return share
  return isNumber(online) && isNumber(total) && total > 0 ? online / total : null
}

/** The satellite whose online score is the lowest: its windows are the ones to look at. */
export function worstOnline(node: Node): string | null {
  const judged = node.satellites.filter(({ state }) => counts(state) && isNumber(state.online_score))
  judged.sort((a, b) => a.state.online_score! - b.state.online_score!)
  return judged[0]?.name ?? null
}

/** Null while unknown, and where the agent has none. */
export function useWindows(node: Node, satellite: string | null): Window[] | null {
  const answer = useResource(`windows ${node.key} ${satellite}`, 3600, async () =>
    satellite ? windowsOf(await ask('online_windows', { ...nodeArgs(node), satellite })) : [],
  )
  return answer.value?.length ? answer.value : null
}
