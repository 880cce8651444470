/** Questions to many agents at once: few under way at a time, so that one that hangs does not keep our own agent waiting. */

import { agentArgs } from './actions.ts'
import { ask, connection } from './agent.ts'

const AT_ONCE = 3 // of the six that the connection has under way
let running = 0
const waiting: (() => void)[] = []

export async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) await new Promise<void>(go => waiting.push(go))
  else running++
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next) next()
    else running--
  }
}

/** Ask the agent that is named; ours at once. */
export function askAgent<T>(agent: string, cmd: string, args: Record<string, unknown> = {}): Promise<T> {
  const work = (): Promise<T> => ask<T>(cmd, { ...args, ...agentArgs(agent) })
  return agent === connection.agent.peek() ? work() : inTurn(work)
}
