/** Compactions of the hashstore: what runs, the trend by day, a table that the agent sorts and pages, with totals. */

import { useRef, useState } from 'preact/hooks'
import { ask, nodeArgs } from '../../data/agent.ts'
import { efficiency, sortOf, throughput, type Compactions, type CompactionRow } from '../../data/compactions.ts'
import type { Node } from '../../data/model.ts'
import { useResource } from '../../data/resource.ts'
import { csv } from '../../data/series.ts'
import { now } from '../../data/store.ts'
import { count, decimal, isNumber, percent, size } from '../../text/numbers.ts'
import { DAY, day, duration, exact, since, utcDay } from '../../text/times.ts'
import { nodeWords } from '../../text/node.ts'
import { words } from '../../text/words.ts'
import { Bars } from '../../ui/bars.tsx'
import { Icon } from '../../ui/icons.tsx'
import { ChartFrame } from '../../ui/chart.tsx'
import { useMarked } from '../../ui/marked.tsx'
import { download, Scroll, Skeleton } from '../../ui/parts.tsx'
import { Q } from '../../ui/why.tsx'
import { DaysChoice, type Days, type SectionProps } from './section.tsx'

const say = nodeWords.compaction
const SIZE = 10
const FRESH = 30 // seconds: a page may be open for days, and the agent adds all of them up

export function CompactionCard({ node, happenings }: SectionProps) {
  const [days, setDays] = useState<Days>('7')
  const [sort, setSort] = useState('newest')
  const [page, turn] = useState(1)
  const again = useResource(`compactions ${node.key} ${days} ${sort} ${page}`, FRESH, () => {
    const to = Math.floor(now.peek())
    return ask<Compactions>('compactions', { ...nodeArgs(node), page, size: SIZE, sort, from: to - Number(days) * DAY, to })
  })
  // while another page is on its way the last one stays
  const before = useRef<Compactions | null>(null)
  const found = (before.current = again.value ?? before.current)
  const trend = found !== null && found.total > 0 && days !== '1'
  const choose = (value: string): void => {
    setSort(value)
    turn(1)
  }
  return (
    <>
      <section class={`card ${trend ? 'w8' : 'w12'}`}>
        <header>
          <h2>{say.head}</h2>
          <span class="s faint">{found ? say.below(found.totals.n, found.running.length) : ''}</span>
          <span class="grow" />
          <DaysChoice value={days} set={value => { setDays(value); turn(1) }} />
        </header>
        {!found ? (again.error ? <p class="m soft">{words.tables.failed(again.error)}</p> : <Skeleton lines={4} />) : (
          <>
            {again.error && <p class="m soft" role="status">{words.tables.failed(again.error)}</p>}
            {found.running.map(run => <Running key={`${run.satellite} ${run.subject}`} run={run} />)}
            {found.total === 0 ? <p class="m soft">{say.none}</p> : (
              <>
                <Rows node={node} found={found} sort={sort} choose={choose} />
                <Pages page={found.page} pages={found.pages} total={found.total} turn={turn} />
              </>
            )}
          </>
        )}
      </section>
      {trend && <TrendCard node={node} found={found} days={Number(days)} happenings={happenings} />}
    </>
  )
}

/** Dashed no: what has run is true. How long it still takes is told by what is usual of its store. */
function Running({ run }: { run: CompactionRow }) {
  const took = Math.max(0, now.value - run.started)
  const usual = run.usual_seconds
  const { progress_records: records, progress_bytes: bytes } = run.stats
  return (
    <div class="run" role="status">
      <div class="row">
        <span><b>{run.name} {run.subject}</b> {say.running(duration(took))}</span>
        <span class="soft">{isNumber(records) ? say.progress(count(records), size(bytes)) : ''}{isNumber(usual) ? ` · ${say.usual(duration(Math.max(1, usual)))}` : ''}</span>
      </div>
      {isNumber(usual) && usual > 0 && <progress max={100} value={Math.min(99, (100 * took) / usual)} aria-label={say.label(run.name, run.subject)} />}
    </div>
  )
}

/** Bytes given back by UTC day; days without a compaction are days without a bar. */
function TrendCard({ node, found, days, happenings }: SectionProps & { found: Compactions; days: number }) {
  const marked = useMarked(node, happenings)
  const last = Math.floor(now.peek() / DAY) * DAY
  const first = last - days * DAY
  const by = new Map(found.days.map(row => [row.day, row]))
  const every = Math.ceil((days + 1) / 6)
  const bars = Array.from({ length: days + 1 }, (_, index) => {
    const at = first + index * DAY
    const row = by.get(at)
    return { value: row ? row.reclaimed : null, label: index % every === 0 ? day(at + DAY / 2) : '', title: row ? say.bar(utcDay(at), size(row.reclaimed), row.n, duration(row.seconds)) : say.noBar(utcDay(at)) }
  })
  const sheet = { name: `${node.name}-compactions-by-day`, head: ['day', 'compactions', 'failed', 'seconds', 'rewritten_bytes', 'reclaimed_bytes'], rows: found.days.map(row => [new Date(row.day * 1000).toISOString().slice(0, 10), row.n, row.failed, row.seconds, row.rewritten, row.reclaimed]) }
  const shown = found.days.map(row => [utcDay(row.day), count(row.n), duration(row.seconds), size(row.rewritten), size(row.reclaimed), ratio(efficiency(row.reclaimed, row.rewritten))]).reverse()
  return (
    <section class="card w4 fill">
      <ChartFrame title={say.byDay} sheet={sheet} shown={shown} shownHead={[say.day, say.n, say.took, say.rewritten, say.reclaimed, say.efficiency]}>
        <p class="ans">{say.byDayAnswer(size(found.totals.reclaimed), days)}</p>
        <div class="tall"><Bars label={say.trend(days)} bars={bars}>{marked.over({ from: first, to: last + DAY })}</Bars></div>
      </ChartFrame>
      {marked.below}
    </section>
  )
}

interface Column { id: string; name: string; sort?: string; down?: string; hide?: string; topic?: 'efficiency' | 'throughput' | 'load' }

const COLUMNS: Column[] = [
  { id: 'ended', name: say.ended, sort: 'newest', down: 'oldest' },
  { id: 'store', name: say.store },
  { id: 'took', name: say.took, sort: 'longest' },
  { id: 'rewritten', name: say.rewritten, sort: 'rewritten', hide: 'col-m' },
  { id: 'reclaimed', name: say.reclaimed, sort: 'reclaimed' },
  { id: 'efficiency', name: say.efficiency, sort: 'efficiency', topic: 'efficiency' },
  { id: 'throughput', name: say.throughput, sort: 'throughput', hide: 'col-m', topic: 'throughput' },
  { id: 'load', name: say.load, sort: 'load', hide: 'col-x', topic: 'load' },
  { id: 'trash', name: say.trash, sort: 'trash', hide: 'col-x' },
]

function Rows({ node, found, sort, choose }: { node: Node; found: Compactions; sort: string; choose(sort: string): void }) {
  const save = (): void => download(words.csvName(`${node.name}-compactions`), csv(
    ['started', 'ended', 'satellite', 'store', 'ok', 'seconds', 'rewritten_bytes', 'reclaimed_bytes', 'table_load', 'trash_percent'],
    found.rows.map(row => [iso(row.started), iso(row.ended), row.name, row.subject, row.ok === null ? null : String(row.ok), row.stats.seconds ?? null, row.stats.rewritten_bytes ?? null, row.stats.reclaimed_bytes ?? null, row.stats.table_load ?? null, row.stats.trash_percent ?? null]),
  ))
  const { totals } = found
  return (
    <>
      <Scroll label={say.head}>
        <table class="gap3">
          <caption class="vh">{say.head}</caption>
          <thead><tr>{COLUMNS.map(column => <Head key={column.id} column={column} sort={sort} choose={choose} />)}</tr></thead>
          <tbody>{found.rows.map(row => <Line key={`${row.started} ${row.satellite} ${row.subject}`} row={row} />)}</tbody>
          <tfoot>
            <tr>
              <th scope="row">{say.sum(totals.n)}</th><td>{totals.failed > 0 && <span class="warn"><Icon name="warn" tone="warn" /> {say.failed(totals.failed)}</span>}</td>
              <td class="num">{duration(totals.seconds)}</td>
              <td class="num col-m">{size(totals.rewritten)}</td>
              <td class="num">{size(totals.reclaimed)}</td>
              <td class="num">{ratio(efficiency(totals.reclaimed, totals.rewritten))}</td>
              <td class="num col-m">{ratio(throughput(totals.rewritten, totals.busy), 1)}</td>
              <td class="col-x" /><td class="col-x" />
            </tr>
          </tfoot>
        </table>
      </Scroll>
      <p class="right-line tools">
        <span class="s faint">{say.explain} {COLUMNS.flatMap(({ id, name, topic }) => (topic ? [<span class="spaced" key={id}><Q topic={topic}>{name}</Q></span>] : []))}</span>
        <span class="grow" />
        <button class="btn bare" type="button" onClick={save}>{words.chart.csv}</button>
      </p>
    </>
  )
}

const iso = (at: number | null): string | null => (at === null ? null : new Date(at * 1000).toISOString())
const ratio = (value: number | null, digits = 2): string => decimal(value, digits)

function Head({ column: { id, name, sort: wish, down, hide }, sort, choose }: { column: Column; sort: string; choose(sort: string): void }) {
  const look = `${id === 'ended' || id === 'store' ? '' : 'num'} ${hide ?? ''}`
  if (!wish) return <th scope="col" class={look}>{name}</th>
  const order = sort === wish ? { 'aria-sort': 'descending' as const } : sort === down ? { 'aria-sort': 'ascending' as const } : {}
  return (
    <th scope="col" class={look} {...order}>
      <button type="button" onClick={() => choose(sortOf(sort, wish, down))}>{name}</button>
    </th>
  )
}

function Line({ row }: { row: CompactionRow }) {
  const { stats } = row
  const took = stats.seconds ?? (row.ended === null ? null : row.ended - row.started)
  const state = row.ended === null ? say.now : row.ok === false ? say.ends.failed : row.ok === null ? say.ends.cut : null
  return (
    <tr>
      <td class="nb" title={exact(row.ended ?? row.started)}>{row.ended === null ? say.now : since(row.ended, now.value)}</td>
      <th scope="row" class="nb">{row.name} {row.subject}{state && row.ended !== null && <span class="warn"> · {state}</span>}</th>
      <td class="num">{brief(took)}</td>
      <td class="num col-m">{size(stats.rewritten_bytes ?? (row.ok ? 0 : null))}</td>
      <td class="num"><b>{size(stats.reclaimed_bytes ?? (row.ok ? 0 : null))}</b></td>
      <td class="num">{ratio(efficiency(stats.reclaimed_bytes, stats.rewritten_bytes))}</td>
      <td class="num soft col-m">{ratio(throughput(stats.rewritten_bytes, took), 1)}</td>
      <td class="num soft col-x">{ratio(stats.table_load ?? null)}</td>
      <td class="num soft col-x">{percent(isNumber(stats.trash_percent) ? stats.trash_percent * 100 : null)}</td>
    </tr>
  )
}

const brief = (value: number | null): string => (isNumber(value) && value < 10 ? (value < 0.95 ? '< 1 s' : `${decimal(value, 1)} s`) : duration(value))

export function Pages({ page, pages, total, turn }: { page: number; pages: number; total: number; turn(page: number): void }) {
  if (pages < 2) return null
  return (
    <nav class="pages" aria-label={say.pages}>
      <button class="btn" type="button" disabled={page <= 1} onClick={() => turn(page - 1)}>{say.before}</button>
      <span class="m soft" role="status">{say.page((page - 1) * SIZE + 1, Math.min(total, page * SIZE), total)}</span>
      <button class="btn" type="button" disabled={page >= pages} onClick={() => turn(page + 1)}>{say.after}</button>
    </nav>
  )
}
