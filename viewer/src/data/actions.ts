/** What an operator does to alerts and nodes. The board brings the effect back; nothing is changed here by hand. */

import { ask, nodeArgs } from './agent.ts'
import type { Node, Problem } from './model.ts'
import { renew } from './resource.ts'
import { agents } from './store.ts'
import { askUser } from '../ui/dialog.tsx'
import { toast, untoast } from '../ui/parts.tsx'
import { words } from '../text/words.ts'

/** Whom a command is for: named only where a broker brings more than one agent. */
export const agentArgs = (agent: string): Record<string, string> => (agents.peek().length > 1 ? { agent } : {})

let acts = 0

/** Does something, and says that it is done, or why not; `Undo` is that of the newest alone. True when it is done. */
export async function act(work: () => Promise<unknown>, said: string, undo?: () => void): Promise<boolean> {
  const number = ++acts
  untoast()
  try {
    await work()
    toast(said, undo && number === acts ? { name: words.alert.undo, act: undo } : undefined)
    return true
  } catch (error) {
    toast(words.failed(error instanceof Error ? error.message : String(error)))
    return false
  }
}

/** One alert, or those of several agents that are shown as one. */
export const acknowledge = (group: Problem[]): Promise<boolean> =>
  act(() => mark(group, true), words.alert.acknowledgedToast, () => void act(() => mark(group, false), words.alert.acknowledgedBack))

const mark = (group: Problem[], on: boolean): Promise<unknown> =>
  Promise.all(group.map(({ id, agent }) => ask('acknowledge', { id, ...(on ? {} : { on }), ...agentArgs(agent) })))

/** The dialog of silences comes when it is wanted; `done` is called once something is silent. */
export function silence(group: Problem[], done?: () => void): void {
  void tell(async () => (await import('../ui/silence.tsx')).openSilence(group, done))
}

export function endSilence(group: Problem[], done?: () => void): void {
  void tell(async () => {
    if (await (await import('./silences.ts')).endAll(group)) done?.()
  })
}

/** The same for what says by itself how it went. */
async function tell(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    toast(words.failed(error instanceof Error ? error.message : String(error)))
  }
}

/** A note of the operator: a mark on the charts. True when the agent has it. */
export async function addNote(node: Node, text: string): Promise<boolean> {
  const done = await act(() => ask('note', { ...nodeArgs(node), text }), words.notes.added)
  if (done) for (const what of ['events', 'marks']) renew(`${what} ${node.key}`)
  return done
}

/** Count the old logs beside a node's. True when the agent has begun. */
export const importPast = (node: Node): Promise<boolean> => act(() => ask('import_past', nodeArgs(node)), words.past.begun)

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

export function setMaintenance(node: Node, on: boolean, hours = 4): Promise<boolean> {
  const said = on ? words.maintenance.begun(node.name, `${hours} h`) : words.maintenance.ended(node.name)
  return act(() => ask('maintenance', { ...nodeArgs(node), on, hours }), said, on ? () => void setMaintenance(node, false) : undefined)
}
