/** What an operator does to alerts and nodes. The board brings the effect back; nothing is changed here by hand. */

import { ask, nodeArgs } from './agent.ts'
import type { Node, Problem } from './model.ts'
import { renew } from './resource.ts'
import { agents } from './store.ts'
import { askUser } from '../ui/dialog.tsx'
import { toast } from '../ui/parts.tsx'
import { words } from '../text/words.ts'

const agentArgs = (agent: string): Record<string, string> => (agents.peek().length > 1 ? { agent } : {})

async function act(cmd: string, args: Record<string, unknown>, said: string, undo?: () => void): Promise<void> {
  try {
    await ask(cmd, args)
    toast(said, undo && { name: words.alert.undo, act: undo })
  } catch (error) {
    toast(words.failed(error instanceof Error ? error.message : String(error)))
  }
}

export const acknowledge = (problem: Problem): Promise<void> =>
  act('acknowledge', { id: problem.id, ...agentArgs(problem.agent) }, words.alert.acknowledgedToast)

const HOURS = [['1', '1 h'], ['8', '8 h'], ['24', '24 h'], ['168', '7 d']] as const
const named = (hours: string): string => HOURS.find(([value]) => value === hours)?.[1] ?? `${hours} h`

/** What a silence is about: an alert of several nodes is silenced by its rule alone. */
function target({ rule, node, satellite, agent }: Problem): Record<string, unknown> {
  return { rule, ...(node ? { node } : {}), ...(satellite ? { satellite } : {}), ...agentArgs(agent) }
}

export function silence(problem: Problem): void {
  askUser({
    title: words.alert.silenceAsk(problem.rule, subject(problem)),
    body: words.alert.silenceBody,
    choices: HOURS,
    first: '8',
    main: hours => words.alert.silenceFor(named(hours)),
    done: hours =>
      void act('silence', { ...target(problem), hours: Number(hours) }, words.alert.silencedToast(named(hours)), () => void endSilence(problem)),
  })
}

export const endSilence = (problem: Problem): Promise<void> =>
  act('silence', { ...target(problem), hours: 0 }, words.alert.silenceEndedToast)

/** Whom an alert is about, in words. */
export function subject({ node, nodes, agent }: Problem): string {
  if (node) return node
  if (nodes.length === 0) return agent
  return nodes.length <= 3 ? nodes.join(', ') : words.alert.many(nodes.length)
}

/** A note of the operator: a mark on the charts. True when the agent has it. */
export async function addNote(node: Node, text: string): Promise<boolean> {
  try {
    await ask('note', { ...nodeArgs(node), text })
    renew(`events ${node.key}`)
    toast(words.notes.added)
    return true
  } catch (error) {
    toast(words.failed(error instanceof Error ? error.message : String(error)))
    return false
  }
}

/** Count the old logs beside a node's. True when the agent has begun. */
export async function importPast(node: Node): Promise<boolean> {
  try {
    await ask('import_past', nodeArgs(node))
    toast(words.past.begun)
    return true
  } catch (error) {
    toast(words.failed(error instanceof Error ? error.message : String(error)))
    return false
  }
}

const MAINTENANCE = [['1', '1 h'], ['2', '2 h'], ['4', '4 h'], ['12', '12 h'], ['24', '24 h']] as const

export function maintenance(node: Node): void {
  askUser({
    title: words.maintenance.ask(node.name),
    body: words.maintenance.body,
    choices: MAINTENANCE,
    first: '4',
    main: hours => words.maintenance.main(`${hours} h`),
    done: hours => void setMaintenance(node, true, Number(hours)),
  })
}

export function setMaintenance(node: Node, on: boolean, hours = 4): Promise<void> {
  const said = on ? words.maintenance.begun(node.name, `${hours} h`) : words.maintenance.ended(node.name)
  return act('maintenance', { ...nodeArgs(node), on, hours }, said, on ? () => void setMaintenance(node, false) : undefined)
}
