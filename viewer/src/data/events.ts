/** What happened: notable log lines and changes of state, newest first. */

import { ask, nodeArgs } from './agent.ts'
import type { Node } from './model.ts'
import { useResource } from './resource.ts'

export interface Event { id: number; node: string | null; at: number; kind: string; severity: string; satellite: string; text: string }

/** Equal neighbours are one line that says how many. */
export interface Folded extends Event { times: number }

export function fold(events: Event[]): Folded[] {
  const folded: Folded[] = []
  for (const event of events) {
    const last = folded.at(-1)
    if (last && last.text === event.text && last.node === event.node && last.satellite === event.satellite) last.times++
    else folded.push({ ...event, times: 1 })
  }
  return folded
}

const READ = 60

/** Of one node, or of all nodes of this agent; empty where the agent keeps none. */
export function useEvents(node: Node | null): Event[] {
  const answer = useResource(`events ${node?.key ?? ''}`, 60, () => ask<Event[]>('events', { ...(node ? nodeArgs(node) : {}), limit: READ }))
  return Array.isArray(answer.value) ? answer.value : []
}
