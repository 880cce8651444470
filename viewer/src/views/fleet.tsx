/** Ten nodes and more: a square for each, and a table. */

import { signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useMemo } from 'preact/hooks'
import { toneOf, type Host, type Node, type Tone } from '../data/model.ts'
import { calmNow, chosen, hosts, isUp } from '../data/store.ts'
import { csv } from '../data/series.ts'
import { columnsOf } from '../prefs.ts'
import { sortedHosts, sortedNodes, type Sort } from '../data/sorting.ts'
import { units } from '../text/numbers.ts'
import { monthName } from '../text/times.ts'
import { words } from '../text/words.ts'
import { download, Same, Seg } from '../ui/parts.tsx'
import { Q } from '../ui/why.tsx'
import { ColumnsButton, shownColumns } from '../ui/columns.tsx'
import { columns, type Column } from './columns.tsx'
import { load } from './overview.tsx'

const say = words.fleet
const TABLE = 'nodes'

type Filter = 'all' | 'problems' | 'unknown' | 'maintenance'
const FITS: Record<Filter, Tone[] | null> = { all: null, problems: ['crit', 'warn'], unknown: ['unk'], maintenance: ['maint'] }

const filter = signal<Filter>('all')
const search = signal('')
const sort = signal<Sort>({ id: 'node', down: false })
const grouping = signal<'host' | 'flat'>('host')
const folded = signal<ReadonlySet<string>>(new Set())

const tone = (node: Node): Tone => toneOf(node.state, calmNow.value)

/** Name, host or version holds what was typed. */
function fits(node: Node): boolean {
  const wanted = FITS[filter.value]
  const text = `${node.name} ${node.agent} ${node.state.version ?? ''}`.toLowerCase()
  return (!wanted || wanted.includes(tone(node))) && text.includes(search.value.trim().toLowerCase())
}

const SQUARE: Record<Tone, string> = { ok: 'f0', warn: 'f1', crit: 'f2', unk: 'f3', maint: 'f3' }
const ACROSS = 5

/** One square a node; a click shows only that host. */
export function FleetSquares() {
  const sorted = [...hosts.value].sort((a, b) => a.agent.localeCompare(b.agent, undefined, { numeric: true }))
  return (
    <section class="card fleet gapt" aria-label={say.squares}>
      {sorted.map(host => <Squares key={host.agent} host={host} />)}
    </section>
  )
}

function Squares({ host: { agent, nodes } }: { host: Host }) {
  const rows = Math.ceil(nodes.length / ACROSS)
  const fine = nodes.filter(node => tone(node) === 'ok').length
  const inOrder = [...nodes].sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))
  return (
    <button type="button" onClick={() => (search.value = search.value === agent ? '' : agent)} aria-pressed={search.value === agent}>
      <svg viewBox={`0 0 60 ${rows * 12}`} role="img" aria-label={say.squaresOf(agent, fine, nodes.length)}>
        {inOrder.map((node, index) => <Square key={node.key} node={node} x={(index % ACROSS) * 12 + 0.5} y={Math.floor(index / ACROSS) * 12 + 0.5} />)}
      </svg>
      <span>{agent}</span>
    </button>
  )
}

function Square({ node, x, y }: { node: Node; x: number; y: number }) {
  const mark = SQUARE[isUp(node.agent) ? tone(node) : 'unk']
  return (
    <>
      <rect class={mark} x={x} y={y} width="10" height="10" rx="2" />
      {(mark === 'f1' || mark === 'f2') && <text x={x + 5} y={y + 8}>!</text>}
    </>
  )
}

export function FleetTable() {
  const every = useMemo(columns, [monthName(calmNow.value), units.value])
  const picked = columnsOf(TABLE)
  const all = useMemo(() => shownColumns(TABLE, every), [every, picked?.join()])
  const shown = chosen.value.filter(fits)
  return (
    <>
      <Tools shown={shown} all={all} every={every} />
      <section class={`card dense ${picked ? 'picked' : ''}`}>
        <table>
          <caption class="vh">{say.caption}</caption>
          <thead><tr>{all.map(column => <Head key={column.id} column={column} />)}</tr></thead>
          <Body nodes={shown} all={all} />
        </table>
        {shown.length === 0 && <p class="m soft nothing">{say.none}</p>}
      </section>
    </>
  )
}

function Tools({ shown, all, every }: { shown: Node[]; all: Column[]; every: Column[] }) {
  const number = (wanted: Filter): number => chosen.value.filter(node => FITS[wanted]?.includes(tone(node)) ?? true).length
  const filters = (Object.keys(FITS) as Filter[]).filter(one => one === 'all' || one === filter.value || number(one) > 0)
  return (
    <div class="tools table-tools">
      <input class="field" type="search" data-find placeholder={say.find} aria-label={say.findLabel} value={search.value} onInput={event => (search.value = event.currentTarget.value)} />
      {filters.length > 1 && <Seg label={say.show} of={filters.map(one => [one, say.filters[one](number(one))] as const)} value={filter.value} set={one => (filter.value = one)} />}
      <span class="grow" />
      <Seg label={say.order} of={[['host', say.byHost], ['flat', say.flat]] as const} value={grouping.value} set={one => (grouping.value = one)} />
      <ColumnsButton table={TABLE} all={every} />
      <button class="btn" type="button" onClick={() => save(shown, all)}>{words.chart.csv}</button>
    </div>
  )
}

function save(nodes: Node[], all: Column[]): void {
  const written = all.filter(column => column.raw)
  const rows = nodes.map(node => written.map(column => column.raw!(node)))
  download(words.csvName('nodes'), csv(written.map(column => column.id), rows))
}

const classOf = (column: Column): string => [column.num ? 'num' : '', column.hide ?? ''].filter(Boolean).join(' ')

function Head({ column }: { column: Column }) {
  const { id, down } = sort.value
  const mine = id === column.id
  const press = (): void => {
    sort.value = { id: column.id, down: mine ? !down : false }
  }
  return (
    <th scope="col" abbr={column.name} class={classOf(column)} {...(mine ? { 'aria-sort': down ? 'descending' : 'ascending' } : {})}>
      {column.by ? <button type="button" onClick={press}>{column.name}</button> : column.name}
      {column.topic && <Q topic={column.topic} title={column.name} label={words.why.of(column.name)} />}
    </th>
  )
}

function Body({ nodes, all }: { nodes: Node[]; all: Column[] }) {
  const by = all.find(column => column.id === sort.value.id)?.by
  const now = calmNow.value
  if (grouping.value === 'flat') return <tbody>{sortedNodes(nodes, now, sort.value, by).map(node => <RowOf key={node.key} node={node} all={all} />)}</tbody>
  return <>{sortedHosts(nodes, now, sort.value, by).map(host => <HostRows key={host.agent} host={host} all={all} />)}</>
}

function HostRows({ host, all }: { host: Host; all: Column[] }) {
  const shut = folded.value.has(host.agent)
  const fold = (): void => {
    const next = new Set(folded.value)
    if (!next.delete(host.agent)) next.add(host.agent)
    folded.value = next
  }
  return (
    <tbody>
      <tr class="grp">
        <th scope="rowgroup">
          <button type="button" aria-expanded={!shut} aria-label={say.fold(host.agent)} onClick={fold}>{shut ? '▸' : '▾'}</button> {host.agent}
        </th>
        {all.slice(1).map(column => <td key={column.id} class={classOf(column)}>{groupCell(column, host)}</td>)}
      </tr>
      {!shut && host.nodes.map(node => <RowOf key={node.key} node={node} all={all} />)}
    </tbody>
  )
}

const groupCell = (column: Column, { agent, nodes }: Host): ComponentChildren =>
  column.id === 'spark' ? <span class="m faint">{load(agent)}</span> : column.total?.(nodes)

const RowOf = ({ node, all }: { node: Node; all: Column[] }) => <Same of={[node, all]}>{() => <Row node={node} all={all} />}</Same>

function Row({ node, all }: { node: Node; all: Column[] }) {
  return (
    <tr class={tone(node)} data-row>
      {all.map((column, index) =>
        index === 0 ? <th scope="row" key={column.id}>{column.cell(node)}</th> : <td key={column.id} class={classOf(column)}>{column.cell(node)}</td>,
      )}
    </tr>
  )
}
