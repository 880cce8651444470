/** What an operator opens every morning. */

import { useEffect, useState } from 'preact/hooks'
import { SlimAlert, AlertRow } from '../ui/alert.tsx'
import { grouped, isUrgent, toneOfAlert, worstNodes } from '../data/model.ts'
import { sentenceOf } from '../data/status.ts'
import { agents, aboutOf, calmNow, chosen, concerns, hosts, isUp, nodes, problems } from '../data/store.ts'
import { decimal, isNumber } from '../text/numbers.ts'
import { words } from '../text/words.ts'
import { Icon } from '../ui/icons.tsx'
import { Same, Seg } from '../ui/parts.tsx'
import { Say } from '../ui/say.tsx'
import { to } from '../route.ts'
import { NodeCard } from './card.tsx'
import { useEvents } from '../data/events.ts'
import { EventsCard } from './events.tsx'
import { FleetSquares, FleetTable } from './fleet.tsx'
import { LiveCard } from './livechart.tsx'
import { Totals } from './totals.tsx'
import { TrafficCard } from './traffic.tsx'
import { NoNodes } from './states.tsx'

const TABLE_FROM = 10
const SHOWN = 8

export function Overview() {
  if (nodes.value.length === 0) return <NoNodes />
  const many = chosen.value.length >= TABLE_FROM
  const stage = useStage(3)
  const list = chosen.value.length > 1 && <Nodes many={many} />
  return (
    <>
      <Say sentence={sentenceOf(chosen.value, problems.value, calmNow.value)} />
      <Problems />
      <Strangers />
      <div class="gap" />
      {stage > 0 && <Totals nodes={chosen.value} />}
      {stage > 1 && many && <FleetSquares />}
      {stage > 1 && (many ? <Charts /> : list)}
      {stage > 2 && (many ? list : <Charts />)}
    </>
  )
}

let reached = 0

/** Counts up to `last`, one a task, on the first visit: a phone draws the top first and answers between the parts. */
function useStage(last: number): number {
  const [stage, setStage] = useState(reached)
  useEffect(() => {
    if (stage >= last) return
    const timer = setTimeout(() => setStage((reached = stage + 1)), 0)
    return () => clearTimeout(timer)
  }, [stage])
  return stage
}

/** Beside the traffic stands what happened, or the last minute while nothing has. */
function Charts() {
  const events = useEvents(null)
  const single = chosen.value.length === 1
  const told = events.length > 0
  const wide = told !== single
  return (
    <div class={`grid gapt ${single ? 'one' : ''}`}>
      {single && <div class="w4"><h2 class="vh">{words.fleet.heading}</h2><NodeCard node={chosen.value[0]!} /></div>}
      <TrafficCard nodes={chosen.value} events={events} title={single ? words.chart.traffic : words.chart.allTraffic} wide="w8" />
      {told && <EventsCard events={events} shown={7} wide={single ? 'w8' : 'w4'} named={!single} />}
      <LiveCard nodes={chosen.value} wide={wide ? 'w12' : 'w4'} low={wide} />
    </div>
  )
}

function Problems() {
  const now = calmNow.value
  const mine = problems.value.filter(concerns)
  const urgent = grouped(mine.filter(problem => isUrgent(problem, now)))
  const later = mine.filter(problem => toneOfAlert(problem) === 'ok')
  const Row = urgent.length >= 3 ? SlimAlert : AlertRow
  return (
    <>
      <div class={urgent.length >= 3 ? 'list' : ''}>
        {urgent.slice(0, SHOWN).map(group => <Row key={`${group[0]!.agent}/${group[0]!.id}`} problem={group[0]!} group={group} />)}
      </div>
      {urgent.length > SHOWN && <p class="later"><a href={to.alerts}>{words.alert.more(urgent.length - SHOWN)}</a></p>}
      {later.slice(0, 3).map(problem => (
        <p class="later" key={`${problem.agent}/${problem.id}`}>
          <Icon name="info" tone="unk" />
          <span>{words.alert.later} <a href={to.alerts}>{problem.text}</a></span>
        </p>
      ))}
    </>
  )
}

const CONTRACT = 1

/** Agents of the fleet whose language this page may not understand. */
function Strangers() {
  const strange = agents.value.flatMap(agent => {
    const spoken = aboutOf(agent).contract
    return spoken === undefined || Number(spoken) === CONTRACT ? [] : [{ agent, spoken: String(spoken) }]
  })
  return <>{strange.map(({ agent, spoken }) => <p class="later" key={agent}><Icon name="unk" tone="unk" /><span>{words.contract(agent, spoken)}</span></p>)}</>
}

type Form = 'cards' | 'table'
type Order = 'host' | 'state'

function Nodes({ many }: { many: boolean }) {
  const [form, setForm] = useState<Form | null>(null)
  const shown = form ?? (many ? 'table' : 'cards')
  const [order, setOrder] = useState<Order>('host')
  const forms = [['cards', words.fleet.cards], ['table', words.fleet.table]] as const
  const heading = many ? words.fleet.headingMany(chosen.value.length, hosts.value.length) : words.fleet.heading
  return (
    <>
      <div class="sec">
        <h2>{heading}</h2>
        {shown === 'cards' && <Legend />}
        <span class="grow" />
        <div class="tools">
          {shown === 'cards' && hosts.value.length > 1 && <Seg label={words.fleet.order} of={[['host', words.fleet.byHost], ['state', words.fleet.byState]] as const} value={order} set={setOrder} />}
          <Seg label={words.fleet.form} of={forms} value={shown} set={setForm} />
        </div>
      </div>
      {shown === 'table' ? <FleetTable /> : order === 'host' ? <Cards /> : <CardsByState />}
    </>
  )
}

const MARKS = [['d-used', 'used'], ['d-rec', 'reclaimable'], ['d-trash', 'trash'], ['d-grow', 'grow']] as const

function Legend() {
  return (
    <div class="key">
      {MARKS.map(([mark, name]) => (
        <span key={mark}>
          <svg aria-hidden="true">{mark === 'd-grow' ? <rect class={mark} x="1" y="1" width="10" height="8" /> : <rect class={mark} width="100%" height="100%" />}</svg>
          {words.node.legend[name]}
        </span>
      ))}
    </div>
  )
}

function Cards() {
  return (
    <div class="hosts">
      {hosts.value.map(({ agent, nodes: members }) => (
        <section class={`host h${Math.min(4, members.length)}`} key={agent} aria-label={agent}>
          <header><b>{agent}</b> <span>{[words.fleet.host(members.length), load(agent), isUp(agent) ? '' : words.say.agentAway(agent)].filter(Boolean).join(' · ')}</span></header>
          <div class="nodes">{members.map(node => <Same key={node.key} of={[node]}>{() => <NodeCard node={node} />}</Same>)}</div>
        </section>
      ))}
    </div>
  )
}

/** All in one, the worst first, whatever their host. */
const CardsByState = () => <div class="nodes">{worstNodes(chosen.value, calmNow.value).map(node => <NodeCard key={node.key} node={node} hosted />)}</div>

/** `CPU 9% · iowait 6%`, where the agent can see its host. */
export function load(agent: string): string {
  const { host_cpu_percent: cpu, host_iowait_percent: wait } = aboutOf(agent)
  return isNumber(cpu) && isNumber(wait) ? words.fleet.load(decimal(cpu, 0), decimal(wait, 0)) : ''
}
