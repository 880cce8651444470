/** Nodes beside each other: sizes made equal, the best of each column in bold, one quantity as lines. */

import { useState } from 'preact/hooks'
import { COMPARED, MEASURES, ranks, type Compared } from '../data/measures.ts'
import type { Node } from '../data/model.ts'
import { csv } from '../data/series.ts'
import { sortRows, type Sort } from '../data/sorting.ts'
import { calmNow, chosen } from '../data/store.ts'
import { to } from '../route.ts'
import { words } from '../text/words.ts'
import { ColumnsButton, shownColumns } from '../ui/columns.tsx'
import { download } from '../ui/parts.tsx'
import { Q } from '../ui/why.tsx'
import { Choice } from './history.tsx'
import { LinesCard } from './lines.tsx'

const say = words.compare
const TABLE = 'compare'
const LINES = 12 // more are no longer told apart

interface Cell { value: number | null; rank: number | null }
interface Row { node: Node; cells: Record<string, Cell> }

function table(nodes: Node[], now: number): Row[] {
  const rows: Row[] = nodes.map(node => ({ node, cells: {} }))
  for (const { id, value, better } of COMPARED) {
    const values = nodes.map(node => value(node, now))
    ranks(values, better).forEach((rank, index) => (rows[index]!.cells[id] = { value: values[index]!, rank }))
  }
  return rows
}

export function ComparePage() {
  const nodes = chosen.value
  return (
    <>
      <div class="sec">
        <h1 class="h">{words.pages.compare}</h1>
        <span class="soft">{nodes.length > 1 ? say.below(nodes.length) : say.single}</span>
        <span class="grow" />
        <ColumnsButton table={TABLE} all={COMPARED} />
      </div>
      <div class="stack">
        <Ranking nodes={nodes} />
        <Lines nodes={nodes.slice(0, LINES)} />
        {nodes.length > LINES && <p class="m soft">{say.tooMany(LINES)}</p>}
      </div>
    </>
  )
}

function Lines({ nodes }: { nodes: Node[] }) {
  const [metric, setMetric] = useState('egress_rate')
  const measure = MEASURES.find(one => one.metric === metric)!
  const sources = nodes.map(node => ({ key: node.key, name: node.name, node }))
  return <LinesCard key={metric} id="compare" wide="" measure={measure} sources={sources} first="7d" title={measure.name} tools={<Choice value={metric} set={setMetric} />} />
}

function Ranking({ nodes }: { nodes: Node[] }) {
  const [sort, setSort] = useState<Sort>({ id: 'node', down: false })
  const columns = shownColumns(TABLE, COMPARED)
  const rows = sortRows(table(nodes, calmNow.value), row => (sort.id === 'node' ? row.node.name : (row.cells[sort.id]?.value ?? null)), sort.down)
  const press = (id: string) => (): void => setSort({ id, down: sort.id === id ? !sort.down : id !== 'node' })
  const save = (): void =>
    download(words.csvName('compare'), csv(['node', ...columns.map(({ id }) => id)], rows.map(row => [row.node.key, ...columns.map(({ id }) => row.cells[id]?.value ?? null)])))
  const mark = (id: string) => (sort.id === id ? { 'aria-sort': sort.down ? ('descending' as const) : ('ascending' as const) } : {})
  return (
    <section class="card dense">
      <div class="wide-table">
        <table>
          <caption class="vh">{say.caption}</caption>
          <thead>
            <tr>
              <th scope="col" {...mark('node')}><button type="button" onClick={press('node')}>{words.columns.node}</button></th>
              {columns.map(({ id, name, hide }) => (
                <th scope="col" key={id} class={`num ${hide ?? ''}`} {...mark(id)}><button type="button" onClick={press(id)}>{name}</button></th>
              ))}
            </tr>
          </thead>
          <tbody>{rows.map(row => <RankRow key={row.node.key} row={row} columns={columns} ranked={nodes.length > 1} />)}</tbody>
          <tfoot><tr><th scope="row">{say.explain}</th>{columns.map(column => <Explained key={column.id} column={column} />)}</tr></tfoot>
        </table>
      </div>
      <p class="right-line"><button class="btn bare" type="button" onClick={save}>{words.chart.csv}</button></p>
    </section>
  )
}

function Explained({ column: { topic, name, hide } }: { column: Compared }) {
  return <td class={`num ${hide ?? ''}`}><Q topic={topic} title={name}>?</Q></td>
}

function RankRow({ row: { node, cells }, columns, ranked }: { row: Row; columns: Compared[]; ranked: boolean }) {
  return (
    <tr data-row>
      <th scope="row"><a href={to.node(node.key)} data-open>{node.name}</a></th>
      {columns.map(({ id, show, hide }) => {
        const { value, rank } = cells[id] ?? { value: null, rank: null }
        const text = value === null ? '–' : show(value)
        return (
          <td key={id} class={`num ${hide ?? ''}`}>
            {rank === 1 && ranked ? <b>{text}</b> : text}
            {ranked && rank !== null && <sup class="faint" title={say.rank(rank)}> {rank}</sup>}
          </td>
        )
      })}
    </tr>
  )
}
