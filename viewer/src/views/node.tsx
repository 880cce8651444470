/** The page of one node: how it is, then a section for each thing one asks of it. */

import '../style/nodepage.css'
import '../style/jump.css'
import '../text/explain-node.ts'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { maintenance, setMaintenance } from '../data/actions.ts'
import { connection } from '../data/agent.ts'
import { useHappenings } from '../data/happenings.ts'
import { isBehind, isSilenced, toneOf, type Node } from '../data/model.ts'
import { sentenceOfNode } from '../data/status.ts'
import { calmNow, isUp, nodeOf } from '../data/store.ts'
import type { Topic } from '../text/explain.ts'
import { isNumber, percent, size } from '../text/numbers.ts'
import { duration, exact } from '../text/times.ts'
import { nodeWords } from '../text/node.ts'
import { words } from '../text/words.ts'
import { AlertRow } from '../ui/alert.tsx'
import { Age } from '../ui/parts.tsx'
import { lazy } from '../ui/lazy.tsx'
import { Say } from '../ui/say.tsx'
import { Q } from '../ui/why.tsx'
import { goTo, Jump, SECTIONS, type SectionId } from './node/jump.tsx'
import type { SectionProps } from './node/section.tsx'
import { Nowhere } from './states.tsx'

const say = words.facts
const PastCard = lazy(async () => (await import('./past.tsx')).PastCard)
const OF: Record<SectionId, (props: SectionProps) => JSX.Element> = {
  traffic: lazy(async () => (await import('./node/traffic.tsx')).Traffic),
  reputation: lazy(async () => (await import('./node/reputation.tsx')).Reputation),
  storage: lazy(async () => (await import('./node/storage.tsx')).Storage),
  money: lazy(async () => (await import('./node/money.tsx')).Money),
  tasks: lazy(async () => (await import('./node/tasks.tsx')).Tasks),
  errors: lazy(async () => (await import('./node/errors.tsx')).Errors),
  events: lazy(async () => (await import('./node/events.tsx')).Events),
}

/** `section`: where to begin. */
export function NodePage({ id, section }: { id: string; section?: string | undefined }) {
  const node = nodeOf(id).value
  return node ? <Page node={node} section={section} /> : <Nowhere />
}

const SETTLED = 700 // ms in which cards above grow and push a section down

function Page({ node, section }: { node: Node; section: string | undefined }) {
  const happenings = useHappenings(node)
  useEffect(() => {
    if (!section) return
    const timers = [0, SETTLED].map(after => setTimeout(() => goTo(section), after))
    return () => timers.forEach(clearTimeout)
  }, [section])
  return (
    <div class={isUp(node.agent) ? '' : 'stale'}>
      <Say sentence={sentenceOfNode(node, calmNow.value)} aside={<Aside node={node} />} />
      <Facts node={node} />
      {node.alerts.filter(alert => !isSilenced(alert, calmNow.value)).map(alert => (
        <AlertRow key={alert.id} problem={{ ...alert, agent: node.agent, nodes: alert.nodes ?? [], satellites: alert.satellites ?? [] }} />
      ))}
      <PastCard node={node} />
      <Jump node={node.key} section={section} />
      {SECTIONS.map(id => {
        const Section = OF[id]
        return (
          <div key={id} class="part">
            <h2 class="vh" id={`at-${id}`} tabIndex={-1}>{nodeWords.nodePage.names[id]}</h2>
            <div class="grid"><Section node={node} happenings={happenings} /></div>
          </div>
        )
      })}
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
  { name: say.behind, value: node => (isBehind(node) ? size(node.state.log_behind) : null) },
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
