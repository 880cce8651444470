/** Silences: of what nothing is told, until when. Each belongs to one agent. */

import { act, agentArgs, setMaintenance } from './actions.ts'
import { ask } from './agent.ts'
import { askAgent } from './far.ts'
import type { Problem } from './model.ts'
import { renew } from './resource.ts'
import { now, nodeOf } from './store.ts'
import { HOUR } from '../text/times.ts'
import { desk } from '../text/desk.ts'
import { words } from '../text/words.ts'
import { toast } from '../ui/parts.tsx'

/** Null means any. */
export interface Aim { agent: string; node: string | null; rule: string | null; satellite: string | null }
export interface Silence extends Aim { until: number }

/** What is silent of an alert that is silenced from its row; one of several nodes is meant by its rule alone. */
export const aimOf = ({ agent, node, rule, satellite }: Problem): Aim => ({ agent, node, rule, satellite })

/** As the agent sees it: every subject of the alert must be meant. */
export function covers(aim: Aim, { agent, node, nodes, rule, satellite, satellites }: Problem): boolean {
  const of = nodes.length ? nodes : node ? [node] : []
  const at = satellites.length ? satellites : satellite ? [satellite] : []
  const same = aim.agent === agent && (aim.rule === null || aim.rule === rule)
  const node1 = aim.node === null || (of.length > 0 && of.every(one => one === aim.node))
  return same && node1 && (aim.satellite === null || (at.length > 0 && at.every(one => one === aim.satellite)))
}

/** `disk_full on garage at us1`, `every rule on every node`. */
export const named = ({ node, rule, satellite }: Aim): string => desk.silence.what(rule ?? desk.silence.everyRule, node ?? desk.silence.everyNode, satellite)

export const readSilences = async (agent: string): Promise<Silence[]> =>
  (await askAgent<Omit<Silence, 'agent'>[]>(agent, 'silences')).map(one => ({ ...one, agent }))

const send = ({ agent, ...aim }: Aim, hours: number): Promise<unknown> =>
  ask('silence', { hours, ...Object.fromEntries(Object.entries(aim).filter(([key, value]) => key !== 'until' && value !== null)), ...agentArgs(agent) })

const sendAll = async (aims: Aim[], hours: (aim: Aim) => number): Promise<void> => {
  await Promise.all(aims.map(aim => send(aim, hours(aim))))
  renew('silences')
}

/** Silence for some hours; `Undo` ends it. */
export const begin = (aims: Aim[], hours: number, span: string): Promise<boolean> =>
  act(() => sendAll(aims, () => hours), words.alert.silencedToast(span), () => void end(aims.map(aim => ({ ...aim, until: now.peek() }))))

/** End silences; `Undo` gives them back the time that they had left. */
export function end(silences: Silence[]): Promise<boolean> {
  const left = new Map(silences.map(one => [one as Aim, Math.max(0, one.until - now.peek()) / HOUR]))
  const again = [...left.values()].some(hours => hours > 0) ? () => void act(() => sendAll(silences, aim => left.get(aim)!), desk.silence.again) : undefined
  return act(() => sendAll(silences, () => 0), words.alert.silenceEndedToast, again)
}

/** Whatever keeps these alerts silent: silences that cover them, and the maintenance of their nodes. */
export async function endAll(group: Problem[]): Promise<boolean> {
  const known = (await Promise.all([...new Set(group.map(({ agent }) => agent))].map(readSilences))).flat()
  const found = known.filter(one => group.some(problem => covers(one, problem)))
  const resting = group.flatMap(({ agent, nodes }) => nodes.map(name => nodeOf(`${agent}/${name}`).peek())).filter(node => (node?.state.maintenance_until ?? 0) > now.peek())
  if (found.length === 0 && resting.length === 0) toast(desk.silence.over)
  const ended = found.length ? await end(found) : true
  const back = await Promise.all(resting.map(node => setMaintenance(node!, false)))
  return ended && back.every(Boolean)
}
