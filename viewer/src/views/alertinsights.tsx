/** What is out of its usual range: how much, since when, and why that may be. */

import { insightsOf, type Insights, type Told } from '../data/alerts.ts'
import { askEach, everySo, upAgents } from '../data/desk.ts'
import { readSum } from '../data/history.ts'
import { useResource } from '../data/resource.ts'
import { calmNow, chosen, nodeOf } from '../data/store.ts'
import { to } from '../route.ts'
import { duration, exact, since } from '../text/times.ts'
import { desk } from '../text/desk.ts'
import { LineSpark } from '../ui/marks.tsx'

const say = desk.insights
const SHOWN = 3

export function useInsights(): Insights | null {
  const hosts = upAgents()
  const { value } = useResource(`insights ${hosts.join(' ')}`, everySo(hosts, 60), async () => insightsOf((await askEach(hosts, 'insights')).answers))
  if (!value) return null
  const names = new Set(chosen.value.map(({ agent, name }) => `${agent}/${name}`))
  const mine = (one: Told): boolean => names.has(`${one.agent}/${one.node}`)
  return { ...value, open: value.open.filter(mine), recent: value.recent.filter(mine) }
}

/** The card beside the open alerts. */
export function InsightsCard() {
  const found = useInsights()
  if (!found) return null
  return (
    <section class="card">
      <header>
        <h2>{say.head}</h2>
        <span class="grow" />
        <a class="btn bare" href={`${to.alerts}/insights`}>{desk.history.all}</a>
      </header>
      {found.open.length === 0 && <p class="m soft">{say.none}</p>}
      <ul class="insights">{found.open.slice(0, SHOWN).map(one => <Line key={`${one.agent} ${one.node} ${one.metric} ${one.satellite}`} one={one} spark />)}</ul>
      <Learning found={found} />
    </section>
  )
}

export function InsightsList({ text }: { text: string }) {
  const found = useInsights()
  if (!found) return null
  const fits = ({ node, text: told, cause, name }: Told): boolean => `${node} ${told} ${cause} ${name ?? ''}`.toLowerCase().includes(text.trim().toLowerCase())
  return (
    <div class="stack">
      <List head={say.open} rows={found.open.filter(fits)} none={say.none} spark />
      <List head={say.recent} rows={found.recent.filter(fits)} none={say.noneRecent} />
      <Learning found={found} />
    </div>
  )
}

function List({ head, rows, none, spark = false }: { head: string; rows: Told[]; none: string; spark?: boolean }) {
  return (
    <section class="card">
      <header class="hd0"><h2>{head}</h2></header>
      {rows.length === 0 ? <p class="m soft">{none}</p> : <ul class="insights">{rows.map(one => <Line key={`${one.agent} ${one.node} ${one.metric} ${one.satellite} ${one.since}`} one={one} spark={spark} />)}</ul>}
    </section>
  )
}

function Line({ one, spark }: { one: Told; spark: boolean }) {
  const now = calmNow.value
  const span = one.until === null ? say.since(since(one.since, now), duration(now - one.since)) : say.lasted(since(one.since, now), duration(one.until - one.since))
  return (
    <li>
      <p><a class="told" href={to.node(`${one.agent}/${one.node}`)}><b>{one.node}: {one.text}</b></a></p>
      <p class="m soft" title={exact(one.since)}>{span}{one.settled && <> · {say.settled}</>}</p>
      {one.cause && <p class="m">{say.cause(one.cause)}</p>}
      {spark && <Day one={one} />}
    </li>
  )
}

/** The metric's last day by the hour; left out where it is not stored as a history. */
function Day({ one }: { one: Told }) {
  const node = nodeOf(`${one.agent}/${one.node}`).value
  const { value } = useResource(`insight day ${one.agent} ${one.node} ${one.metric} ${one.satellite}`, 300, async () =>
    node ? readSum([node], { metrics: [one.metric], seconds: 86_400, step: 3600, ...(one.name && one.satellite ? { satellite: one.name } : {}) }) : null)
  const values = value?.values[one.metric] ?? []
  if (values.filter(cell => cell !== null).length < 3) return null
  return <div title={say.spark}><LineSpark values={values} /></div>
}

function Learning({ found }: { found: Insights }) {
  const nodes = Object.values(found.learning).filter(one => Object.keys(one).length > 0).length
  return <p class="s faint gap3">{nodes ? say.learning(nodes) : say.learned}</p>
}
