/** The board in the browser: one signal a topic, and what follows from them. */

import { batch, computed, signal, type ReadonlySignal, type Signal } from '@preact/signals'
import { byHost, grouped, isSilenced, parseTopic, worstAlerts, type About, type Alert, type Node, type NodeState, type Problem, type Satellite, type SatelliteState } from './model.ts'
import type { Topics } from './protocol.ts'

const values = new Map<string, Signal<unknown>>()
const names = signal<string[]>([])

/** Server time minus ours, seconds: ages are right on a phone whose clock is not. */
const offset = signal(0)
const ticking = signal(Date.now())
/** Epoch seconds by the agent's clock, new every second. */
export const now = computed(() => ticking.value / 1000 + offset.value)
/** The same, new every ten seconds: for sentences and orders, which must not fidget. */
export const calmNow = computed(() => Math.floor(now.value / 10) * 10)

/** True while a kept snapshot is shown that no agent has confirmed yet. */
export const isKept = signal(false)
export const hasBoard = computed(() => names.value.length > 0)

export function beat(): void {
  ticking.value = Date.now()
}

export function setClock(ts: number): void {
  // whole seconds by the wire: half a second late on average
  const found = ts + 0.5 - Date.now() / 1000
  if (Math.abs(found - offset.peek()) > 2) offset.value = found
}

export function applySnapshot(state: Topics): void {
  const gone = names.peek().filter(name => !(name in state))
  applyDelta(state, gone)
}

export function applyDelta(set: Topics, del: string[]): void {
  batch(() => {
    let changed = false
    for (const [name, value] of Object.entries(set)) {
      const known = values.get(name)
      if (known) known.value = value
      else changed = Boolean(values.set(name, signal(value)))
    }
    for (const name of del) changed = values.delete(name) || changed
    if (changed) names.value = [...values.keys()].sort()
  })
}

/** Everything, to be kept for a day without an agent. */
export const currentBoard = (): Topics => Object.fromEntries([...values].map(([name, value]) => [name, value.peek()]))

function read<T>(name: string): T | undefined {
  names.value // a topic that appears later must wake the reader too
  return values.get(name)?.value as T | undefined
}

const list = <T>(value: unknown): T[] => (Array.isArray(value) ? (value as T[]) : [])

const parsed = computed(() => names.value.flatMap(name => parseTopic(name) ?? []))
export const agents = computed(() => [...new Set(parsed.value.map(topic => topic.agent))].sort())

const keys = computed(() =>
  parsed.value.filter(topic => topic.kind === 'state').map(topic => `${topic.agent}/${topic.node}`),
)

const made = new Map<string, ReadonlySignal<Node | null>>()

/** One node, by `<agent>/<node>`; null while nothing is known of it. */
export function nodeOf(key: string): ReadonlySignal<Node | null> {
  let found = made.get(key)
  if (!found) made.set(key, (found = computed(() => gather(key))))
  return found
}

function gather(key: string): Node | null {
  const root = `storj-monitor/${key}`
  const state = read<NodeState>(`${root}/state`)
  if (!state || typeof state !== 'object') return null
  const [agent = '', name = ''] = key.split('/')
  const shared = list<Alert>(read(`storj-monitor/${agent}/alerts`)).filter(alert => alert.nodes?.includes(name))
  return {
    key, agent, name, state,
    satellites: satellitesOf(agent, name),
    alerts: worstAlerts([...list<Alert>(read(`${root}/alerts`)), ...shared]),
    thresholds: read<Node['thresholds']>(`${root}/thresholds`) ?? {},
  }
}

function satellitesOf(agent: string, node: string): Satellite[] {
  return parsed.value
    .filter(topic => topic.kind === 'satellite' && topic.agent === agent && topic.node === node)
    .map(topic => ({
      name: topic.satellite!,
      state: read<SatelliteState>(`storj-monitor/${agent}/${node}/satellite/${topic.satellite}/state`) ?? {},
    }))
}

export const nodes = computed(() => keys.value.flatMap(key => nodeOf(key).value ?? []))

/** `<agent>/<node>` of the nodes chosen in the header; empty: all. */
export const selection = signal<string[]>([])
export const chosen = computed(() => {
  const picked = nodes.value.filter(node => selection.value.includes(node.key))
  return picked.length ? picked : nodes.value
})
export const hosts = computed(() => byHost(chosen.value, calmNow.value))

/** Every open alert once, worst first, with the agent that says it. */
export const problems = computed(() => {
  const found = new Map<string, Problem>()
  for (const { agent, node, kind } of parsed.value) {
    if (kind !== 'alerts') continue
    for (const alert of list<Alert>(read(`storj-monitor/${agent}/${node ? `${node}/` : ''}alerts`)))
      found.set(`${agent}/${alert.id}`, { ...alert, agent, nodes: alert.nodes ?? [], satellites: alert.satellites ?? [] })
  }
  return worstAlerts([...found.values()])
})

/** Whether it is about what is chosen in the header; what an agent says of itself always is. */
export const concerns = ({ agent, node, nodes: many }: Problem): boolean => {
  const named = node ? [node] : many
  return named.length === 0 || chosen.value.some(one => one.agent === agent && named.includes(one.name))
}

/** How many critical alerts are open and not silenced. */
export const criticals = computed(() => grouped(problems.value.filter(problem => problem.severity === 'critical' && !isSilenced(problem, calmNow.value))).length)

export const aboutOf = (agent: string): About => read<About>(`storj-monitor/${agent}/about`) ?? {}

/** Where its page is. What came over the broker is somebody else's word: nothing but a page is linked to. */
export function pageOf(agent: string): string | null {
  const { url } = aboutOf(agent)
  return typeof url === 'string' && /^https?:\/\//.test(url) ? url : null
}
/** True unless the agent's last will says it is gone. */
export const isUp = (agent: string): boolean => read(`storj-monitor/${agent}/status`) !== 'offline'
