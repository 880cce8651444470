/** This page's agent: the connection, what it knows, and how to ask it. */

import { effect, signal } from '@preact/signals'
import { Connection } from './connection.ts'
import { door } from './door.ts'
import { words } from '../text/words.ts'
import { keep, recall } from './keep.ts'
import { receiveLive } from './live.ts'
import { RequestError } from './protocol.ts'
import { agents, applyDelta, applySnapshot, beat, currentBoard, hasBoard, isKept, now, setClock } from './store.ts'
import type { Node } from './model.ts'

const KEEP_EVERY = 60_000

/** When the kept board was true, epoch seconds; null while the board is live. */
export const keptAt = signal<number | null>(null)

export const connection = new Connection(door, {
  snapshot(state) {
    applySnapshot(state)
    absent.clear() // it may be a newer one now
    isKept.value = false
    keptAt.value = null
    void save()
  },
  delta: applyDelta,
  live: receiveLive,
  tick: setClock,
})

export const isLive = connection.phase

/** Epoch seconds of what is shown: now, or when the agent was last heard. */
export const trueAt = (): number | null => {
  if (connection.phase.value === 'live') return now.value
  const heard = connection.heardAt.value
  return heard ? heard / 1000 : keptAt.value
}

export async function start(): Promise<void> {
  // to an agent elsewhere no word is said before the reader has agreed
  if (door.elsewhere && (await door.locked())) connection.phase.value = 'login'
  else connection.start()
  setInterval(() => document.hidden || beat(), 1000)
  setInterval(() => connection.phase.peek() === 'live' && void save(), KEEP_EVERY)
  document.addEventListener('visibilitychange', () => {
    beat()
    if (document.hidden && connection.phase.peek() === 'live') void save()
    if (!document.hidden && connection.phase.peek() === 'away') connection.again()
  })
  addEventListener('online', () => connection.phase.peek() === 'away' && connection.again())
  await showKept()
}

async function showKept(): Promise<void> {
  const kept = await recall()
  // the agent may have been quicker; without it, and behind a login, old numbers are not for everyone
  effect(() => {
    if (kept && connection.phase.value === 'away' && !hasBoard.peek()) {
      isKept.value = true
      keptAt.value = kept.at
      applyDelta(kept.state, [])
    }
  })
}

const save = (): Promise<void> => keep({ at: Date.now() / 1000, state: currentBoard() })

/** `<agent> <command>`: in a fleet each agent has its own version. */
const absent = new Set<string>()

/** Ask for something; a command that an agent does not have is asked for once a connection only. */
export async function ask<T>(cmd: string, args: Record<string, unknown>): Promise<T> {
  const key = `${String(args['agent'] ?? connection.agent.peek())} ${cmd}`
  if (absent.has(key)) throw new RequestError('unknown_command', words.connection.unknownCommand(cmd))
  try {
    return await connection.request<T>(cmd, args)
  } catch (error) {
    if (error instanceof RequestError && error.code === 'unknown_command') absent.add(key)
    throw error
  }
}

/** How a node is named in a command: the agent only where a broker brings more than one. */
export const nodeArgs = (node: Pick<Node, 'agent' | 'name'>): Record<string, string> =>
  agents.peek().length > 1 ? { node: node.name, agent: node.agent } : { node: node.name }

/** Live data never cross the broker: of some nodes those that this agent follows itself. */
export const ownOf = (some: Node[]): Node[] => some.filter(node => !connection.agent.value || node.agent === connection.agent.value)
