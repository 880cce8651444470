/** What the pages of alerts and settings ask the agent for. */

import { rulesOf, type Rule } from './alerts.ts'
import { ask, connection } from './agent.ts'
import { askAgent } from './far.ts'
import { useResource } from './resource.ts'
import { useSettings, type Limit } from './settings.ts'
import { agents, chosen, isUp, nodes } from './store.ts'

/** The rules by id; their numbers by `<rule> <severity>`; and by key what those are now on all nodes: as far as this agent says. */
export interface Catalogue { rules: ReadonlyMap<string, Rule>; limits: ReadonlyMap<string, Limit>; values: ReadonlyMap<string, number>; error: string | null }

export function useCatalogue(): Catalogue {
  const rules = useResource('rules', 3600, async () => rulesOf(await ask('rules', {})))
  const settings = useSettings()
  return {
    rules: new Map((rules.value ?? []).map(rule => [rule.id, rule])),
    limits: new Map((settings.value?.rules ?? []).map(limit => [`${limit.rule} ${limit.severity}`, limit])),
    values: new Map(Object.entries(settings.value?.all ?? {}).map(([key, { value }]) => [key, value])),
    error: rules.error,
  }
}

/** The agents of the nodes that are chosen in the header; those that are away cannot be asked. */
export const chosenAgents = (): string[] => (chosen.value.length === nodes.value.length ? agents.value : [...new Set(chosen.value.map(({ agent }) => agent))].sort())

/** Those of them that are away. */
export const awayAgents = (): string[] => chosenAgents().filter(agent => !isUp(agent))
export const upAgents = (): string[] => chosenAgents().filter(isUp)

/** Seconds between two questions that go to every agent: a hundred of them are not asked every quarter of a minute. */
export const everySo = (hosts: string[], least: number): number => Math.max(least, 4 * hosts.length)

/** Own settings can be changed here; those of other agents on their own pages. Empty while there is but one agent. */
export const otherAgents = (): string[] => agents.value.filter(agent => connection.agent.value !== '' && agent !== connection.agent.value)

/** One answer of each agent; what one refuses or cannot do is said beside those of the others. */
export async function askEach(hosts: string[], cmd: string, args: Record<string, unknown> = {}): Promise<{ answers: [string, unknown][]; failed: [string, string][] }> {
  const all = await Promise.allSettled(hosts.map(agent => askAgent<unknown>(agent, cmd, args)))
  const answers = all.flatMap((one, at): [string, unknown][] => (one.status === 'fulfilled' ? [[hosts[at]!, one.value]] : []))
  const failed = all.flatMap((one, at): [string, string][] => (one.status === 'rejected' ? [[hosts[at]!, String((one.reason as Error).message)]] : []))
  return { answers, failed }
}
