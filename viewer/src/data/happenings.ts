/** All that happened to a node, for the marks on its charts: as far back as any of them reaches. */

import { DAY } from '../text/times.ts'
import { words } from '../text/words.ts'
import { ask, nodeArgs } from './agent.ts'
import { letterOf, type Happening } from './marks.ts'
import type { Node } from './model.ts'
import { useResource } from './resource.ts'
import { now } from './store.ts'

interface Told { at: number; kind: string; text: string }

const BACK = 800 * DAY
const MOST = 500

/** What the agent tells, and the alerts that are open, in their own words. */
export function happeningsIn(told: Told[], node: Pick<Node, 'alerts'>): Happening[] {
  const open = node.alerts.map(alert => ({ at: alert.since, letter: '!' as const, text: alert.text }))
  const known = new Set(open.map(({ at }) => at))
  const past = told.flatMap(({ at, kind, text }) => {
    const letter = letterOf(kind)
    if (!letter || (kind === 'alert' && known.has(at))) return []
    return [{ at, letter, text: kind === 'alert' || kind === 'compaction' ? words.marks.of[kind](text) : text }]
  })
  return [...past, ...open]
}

/** Oldest and newest in no order; empty while unknown. */
export function useHappenings(node: Node): Happening[] {
  const answer = useResource(`marks ${node.key}`, 120, () => ask<Told[]>('marks', { ...nodeArgs(node), from: Math.floor(now.peek() - BACK), limit: MOST }))
  return happeningsIn(Array.isArray(answer.value) ? answer.value : [], node)
}
