/** A table of the node page, made of its description: sorted by its heads, summed up, as CSV. */

import { useState } from 'preact/hooks'
import { ask, nodeArgs } from '../data/agent.ts'
import type { Node } from '../data/model.ts'
import { useResource } from '../data/resource.ts'
import { csv } from '../data/series.ts'
import { sortRows, type Sort } from '../data/sorting.ts'
import { now } from '../data/store.ts'
import { keyOf, rawOf, rowsOf, sumOf, textOf, valueAt, type Column, type Row, type Table } from '../data/tables.ts'
import { isNumeric } from '../text/cells.ts'
import { DASH } from '../text/numbers.ts'
import { DAY, exact } from '../text/times.ts'
import { words } from '../text/words.ts'
import { download, Scroll, Skeleton } from '../ui/parts.tsx'
import { DaysChoice, type Days } from './node/section.tsx'

const say = words.tables
const SHOWN = 12

/** One table, with the choice of days where it has one. */
export function TableBody({ node, table }: { node: Node; table: Table }) {
  const [days, setDays] = useState<Days>('7')
  return (
    <>
      <div class="tools gap4">
        <p class="s faint grow">{table.help}</p>
        {table.ranged && <DaysChoice value={days} set={setDays} />}
      </div>
      <Body key={days} node={node} table={table} days={Number(days)} />
    </>
  )
}

function Body({ node, table, days }: { node: Node; table: Table; days: number }) {
  const [tried, again] = useState(0)
  const answer = useResource(`table ${node.key} ${table.command} ${JSON.stringify(table.args ?? {})} ${table.ranged ? days : ''} ${tried}`, 120, () => {
    const to = Math.floor(now.peek())
    return ask<unknown>(table.command, { ...nodeArgs(node), ...table.args, ...(table.ranged ? { from: to - days * DAY, to } : {}) })
  })
  if (answer.value === null && answer.error === null) return <Skeleton lines={3} />
  if (answer.value === null) {
    return <p class="m soft" role="status">{say.failed(answer.error ?? '')} <button class="btn" type="button" onClick={() => again(tried + 1)}>{say.again}</button></p>
  }
  const rows = rowsOf(answer.value, table.rows, table.inner)
  return rows.length ? <Sorted name={`${node.name}-${table.id}`} table={table} rows={rows} /> : <p class="m soft">{table.empty}</p>
}

function Sorted({ name, table, rows }: { name: string; table: Table; rows: Row[] }) {
  const [sort, setSort] = useState<Sort | null>(table.sort ?? null)
  const [all, showAll] = useState(false)
  const column = table.columns.find(one => one.key === sort?.id)
  const sorted = column ? sortRows(rows, row => keyOf(row, column), sort!.down) : rows
  const press = ({ key, kind }: Column): void => setSort({ id: key, down: sort?.id === key ? !sort.down : isNumeric(kind) })
  const save = (): void => download(words.csvName(name), csv(table.columns.map(({ key }) => key), sorted.map(row => table.columns.map(one => rawOf(row, one)))))
  return (
    <>
      <Scroll label={table.title}>
        <table>
          <caption class="vh">{table.title}</caption>
          <thead><tr>{table.columns.map(one => <Head key={one.key} column={one} sort={sort} press={press} />)}</tr></thead>
          <tbody>{sorted.slice(0, all ? undefined : SHOWN).map((row, index) => <Line key={index} row={row} columns={table.columns} />)}</tbody>
          {rows.length > 1 && table.columns.some(one => one.sum) && <Sums rows={rows} columns={table.columns} />}
        </table>
      </Scroll>
      <p class="right-line">
        {rows.length > SHOWN && <button class="btn bare" type="button" onClick={() => showAll(!all)}>{all ? say.fewer : say.all(rows.length)}</button>}
        <button class="btn bare" type="button" onClick={save}>{words.chart.csv}</button>
      </p>
    </>
  )
}

const classOf = ({ kind, hide }: Column): string => `${isNumeric(kind) ? 'num' : ''} ${hide ?? ''}`

function Head({ column, sort, press }: { column: Column; sort: Sort | null; press(column: Column): void }) {
  const order = sort?.id === column.key ? { 'aria-sort': sort.down ? ('descending' as const) : ('ascending' as const) } : {}
  return <th scope="col" class={classOf(column)} {...order}><button type="button" onClick={() => press(column)}>{column.name}</button></th>
}

function Line({ row, columns }: { row: Row; columns: Column[] }) {
  return <tr>{columns.map((column, index) => <Cell key={column.key} row={row} column={column} head={index === 0} />)}</tr>
}

const INNER: Partial<Record<Column['kind'], string>> = { code: 'mono s wrap', long: 'wrap' }

function Cell({ row, column, head }: { row: Row; column: Column; head: boolean }) {
  const value = valueAt(row, column.key)
  const title = column.kind === 'time' && typeof value === 'number' ? exact(value) : undefined
  const text = column.kind === 'link' ? <Link to={value} /> : <span class={INNER[column.kind]} title={title}>{textOf(row, column)}</span>
  const look = `${classOf(column)} ${column.kind === 'long' || column.kind === 'code' ? 'wrap' : ''}`
  return head ? <th scope="row" class={look}>{text}</th> : <td class={look}>{text}</td>
}

/** Somewhere else on the web: only addresses that are one, and nothing is told about who asks. */
function Link({ to }: { to: unknown }) {
  if (typeof to !== 'string' || !to.startsWith('https://')) return <span>{DASH}</span>
  return <a href={to} target="_blank" rel="noopener noreferrer">{say.open}</a>
}

function Sums({ rows, columns }: { rows: Row[]; columns: Column[] }) {
  return (
    <tfoot>
      <tr>{columns.map((column, index) => (index === 0 ? <th scope="row" key={column.key}>{words.transfers.sum}</th> : <td class={classOf(column)} key={column.key}>{sumOf(rows, column)}</td>))}</tr>
    </tfoot>
  )
}
