/** The page of one node. */

import { maintenance, setMaintenance } from '../data/actions.ts'
import { connection } from '../data/agent.ts'
import { isSilenced, toneOf, type Node } from '../data/model.ts'
import { sentenceOfNode } from '../data/status.ts'
import { calmNow, isUp, nodeOf } from '../data/store.ts'
import { useEvents } from '../data/events.ts'
import type { Topic } from '../text/explain.ts'
import { isNumber, percent } from '../text/numbers.ts'
import { duration, exact } from '../text/times.ts'
import { words } from '../text/words.ts'
import { AlertRow } from '../ui/alert.tsx'
import { Age } from '../ui/parts.tsx'
import { lazy } from '../ui/lazy.tsx'
import { Say } from '../ui/say.tsx'
import { Q } from '../ui/why.tsx'
import { TemplatesCard } from './errors.tsx'
import { EventsCard } from './events.tsx'
import { HistoryCard } from './history.tsx'
import { LiveCard } from './livechart.tsx'
import { MoneyCard } from './money.tsx'
import { PlannerCard } from './planner.tsx'
import { ReputationCard } from './reputation.tsx'
import { Nowhere } from './states.tsx'
import { StorageCard } from './storage.tsx'
import { TrafficCard } from './traffic.tsx'
import { TransfersCard } from './transfers.tsx'

const say = words.facts
const PastCard = lazy(async () => (await import('./past.tsx')).PastCard)
const TablesCard = lazy(async () => (await import('./tables.tsx')).TablesCard)

export function NodePage({ id }: { id: string }) {
  const node = nodeOf(id).value
  return node ? <Page node={node} /> : <Nowhere />
}

function Page({ node }: { node: Node }) {
  const events = useEvents(node)
  return (
    <div class={isUp(node.agent) ? '' : 'stale'}>
      <Say sentence={sentenceOfNode(node, calmNow.value)} aside={<Aside node={node} />} />
      <Facts node={node} />
      {node.alerts.filter(alert => !isSilenced(alert, calmNow.value)).map(alert => (
        <AlertRow key={alert.id} problem={{ ...alert, agent: node.agent, nodes: alert.nodes ?? [], satellites: alert.satellites ?? [] }} />
      ))}
      <div class="grid gap3">
        <PastCard node={node} />
        <TrafficCard nodes={[node]} events={events} title={words.chart.traffic} wide="w8" />
        <TransfersCard node={node} wide="w4" />
        <TablesCard node={node} section="traffic" />
        <ReputationCard node={node} wide="w8" />
        <PlannerCard node={node} wide="w4" />
        <TablesCard node={node} section="reputation" />
        <HistoryCard node={node} wide="w8" />
        <LiveCard nodes={[node]} wide="w4" />
        <StorageCard node={node} wide="w7" />
        <MoneyCard node={node} wide="w5" />
        <TablesCard node={node} section="storage" />
        <TablesCard node={node} section="money" />
        <TablesCard node={node} section="chores" />
        <TemplatesCard node={node} wide="w7" />
        <EventsCard events={events} shown={10} wide="w5" named={false} node={node} />
      </div>
    </div>
  )
}

function Aside({ node }: { node: Node }) {
  const off = connection.phase.value !== 'live'
  const resting = toneOf(node.state, calmNow.value) === 'maint'
  const press = (): void => (resting ? void setMaintenance(node, false) : maintenance(node))
  return (
    <>
      {say.read} <Age at={node.state.ts} />
      <br />
      <button class="btn" type="button" disabled={off} onClick={press}>{resting ? words.maintenance.end : words.maintenance.start}</button>
    </>
  )
}

interface Fact { name: string; topic?: Topic; value(node: Node, now: number): string | null; title?(node: Node): string | undefined }

const QUIC = new Map<unknown, string>([[true, say.quicOk], [false, say.quicBad]])

const FACTS: Fact[] = [
  { name: say.on, value: node => node.agent },
  { name: say.id, value: ({ state }) => (state.node_id ? `${state.node_id.slice(0, 5)}…${state.node_id.slice(-4)}` : null), title: ({ state }) => state.node_id ?? undefined },
  { name: say.version, value: ({ state }) => state.version ?? null, title: ({ state }) => (state.version_minimum ? say.minimum(state.version_minimum) : undefined) },
  { name: say.up, value: ({ state }, now) => (isNumber(state.started) ? duration(now - state.started) : null), title: ({ state }) => exact(state.started) },
  { name: say.contact, topic: 'contact', value: ({ state }, now) => (isNumber(state.last_contact) ? say.ago(duration(now - state.last_contact)) : null), title: ({ state }) => exact(state.last_contact) },
  { name: 'QUIC', topic: 'quic', value: ({ state }) => QUIC.get(state.quic) ?? null },
  { name: say.logLast, value: ({ state }, now) => (isNumber(state.log_last) ? say.ago(duration(now - state.log_last)) : null), title: ({ state }) => exact(state.log_last) },
  { name: say.unknown, topic: 'unknownShare', value: ({ state }) => (isNumber(state.log_unknown_share) ? percent(state.log_unknown_share) : null) },
  { name: say.errors, topic: 'errors', value: ({ state }) => (isNumber(state.errors) ? String(state.errors) : null) },
]

function Facts({ node }: { node: Node }) {
  const now = calmNow.value
  return (
    <div class="facts">
      {FACTS.map(({ name, topic, value, title }) => {
        const text = value(node, now)
        return text === null ? null : (
          <span key={name} title={title?.(node)}>
            {topic ? <Q topic={topic} at={node.state.ts}>{name}</Q> : name} <b>{text}</b>
          </span>
        )
      })}
    </div>
  )
}
