/** Details of transfers: sizes, reasons, countries, hot pieces, the slowest. */

import { useState } from 'preact/hooks'
import { ask, nodeArgs } from '../../data/agent.ts'
import type { Node } from '../../data/model.ts'
import { useResource } from '../../data/resource.ts'
import { csv } from '../../data/series.ts'
import { now } from '../../data/store.ts'
import { sizeClasses, spanOf, type SizeRow } from '../../data/sizes.ts'
import { count, percent, size } from '../../text/numbers.ts'
import { DAY } from '../../text/times.ts'
import { nodeWords } from '../../text/node.ts'
import { words } from '../../text/words.ts'
import { Shares, type Share } from '../../ui/bars.tsx'
import { download, Seg, Skeleton } from '../../ui/parts.tsx'
import { Q } from '../../ui/why.tsx'
import type { Topic } from '../../text/explain.ts'
import { countryName } from '../countries.tsx'
import type { Days } from './section.tsx'

const say = nodeWords.details
const SHOWN = 8

/** `top` of a kind within the last days. */
export function useTop<T>(node: Node, kind: string, days: Days): { rows: T[] | null; error: string | null } {
  const { value, error } = useResource(`top ${node.key} ${kind} ${days}`, 120, () => {
    const to = Math.floor(now.peek())
    return ask<T[]>('top', { ...nodeArgs(node), kind, from: to - Number(days) * DAY, to, limit: 200 })
  })
  return { rows: Array.isArray(value) ? value : null, error }
}

interface CardProps<T> {
  title: string
  topic: Topic
  name: string
  tools?: preact.ComponentChildren
  found: { rows: T[] | null; error: string | null }
  empty: string
  head: string[]
  bar: string
  row(row: T): Share
  answer?(rows: T[]): string | null
  sheet: { head: string[]; row(row: T): (string | number | null)[] }
}

/** A short list with lying bars, all of it when asked, CSV. */
function SharesCard<T>({ title, topic, name, tools, found: { rows, error }, empty, head, bar, row, answer, sheet }: CardProps<T>) {
  const [all, showAll] = useState(false)
  const save = (): void => download(words.csvName(name), csv(sheet.head, (rows ?? []).map(sheet.row)))
  const said = rows?.length ? answer?.(rows) : null
  return (
    <section class="card w4 fillc">
      <header><h2><Q topic={topic}>{title}</Q></h2><span class="grow" />{tools}</header>
      {said && <p class="ans">{said}</p>}
      {rows === null ? (error ? <p class="m soft">{words.tables.failed(error)}</p> : <Skeleton lines={3} />)
        : rows.length === 0 ? <p class="m soft">{empty}</p>
        : <Shares label={title} head={head} bar={bar} rows={rows.slice(0, all ? undefined : SHOWN).map(row)} />}
      {rows && rows.length > 0 && (
        <p class="right-line">
          {rows.length > SHOWN && <button class="btn bare" type="button" onClick={() => showAll(!all)}>{all ? words.tables.fewer : words.tables.all(rows.length)}</button>}
          <button class="btn bare" type="button" onClick={save}>{words.chart.csv}</button>
        </p>
      )}
    </section>
  )
}

interface Reason { text: string; n: number }

export function ReasonsCard({ node, days }: { node: Node; days: Days }) {
  const found = useTop<Reason>(node, 'reasons', days)
  const total = (found.rows ?? []).reduce((sum, { n }) => sum + n, 0)
  return (
    <SharesCard title={say.reasons} topic="reasons" name={`${node.name}-reasons`} found={found} empty={say.reasonsNone} head={[say.reason, say.count]} bar={say.share}
      answer={rows => say.reasonsAnswer(percent((100 * rows[0]!.n) / total), say.meanings[rows[0]!.text] ?? rows[0]!.text)}
      row={({ text, n }) => ({ key: text, value: n, cells: [count(n)], title: text, name: say.meanings[text] ? <>{say.meanings[text]}<br /><span class="mono s faint">{text}</span></> : <span class="mono s">{text}</span> })}
      sheet={{ head: ['reason', 'count'], row: ({ text, n }) => [text, n] }} />
  )
}

const WAYS = [['GET', nodeWords.answers.down], ['PUT', nodeWords.answers.up]] as const

export function SizesCard({ node, days }: { node: Node; days: Days }) {
  const [action, choose] = useState<'GET' | 'PUT'>('GET')
  const { rows, error } = useTop<SizeRow>(node, 'sizes', days)
  const classes = rows && sizeClasses(rows, action)
  const most = classes && [...classes].sort((a, b) => b.ended - a.ended)[0]
  return (
    <SharesCard title={say.sizes} topic="sizes" name={`${node.name}-sizes-${action}`} found={{ rows: classes, error }} empty={say.sizesNone} head={[say.size, say.count, say.success]} bar={say.share}
      tools={<Seg label={nodeWords.answers.kind} of={WAYS} value={action} set={choose} />}
      answer={() => (most ? say.sizesAnswer(spanOf(most)) : null)}
      row={({ least, below, ended, success }) => ({ key: String(least), name: spanOf({ least, below }), value: ended, cells: [count(ended), percent(success)] })}
      sheet={{ head: ['from_bytes', 'below_bytes', 'ended', 'ok', 'success_percent'], row: ({ least, below, ended, ok, success }) => [least, below, ended, ok, success] }} />
  )
}

interface Country { country: string; n: number; bytes: number }

export function PlacesCard({ node, days }: { node: Node; days: Days }) {
  const { rows, error } = useTop<Country>(node, 'countries', days)
  const sorted = rows && [...rows].sort((a, b) => b.bytes - a.bytes)
  const total = (rows ?? []).reduce((sum, { bytes }) => sum + bytes, 0)
  return (
    <SharesCard title={say.countries} topic="countries" name={`${node.name}-countries`} found={{ rows: sorted, error }} empty={say.countriesNone} head={[say.country, say.pieces, say.bytes]} bar={say.share}
      answer={list => say.countriesAnswer(countryName(list[0]!.country), percent((100 * list[0]!.bytes) / total), list.length)}
      row={({ country, n, bytes }) => ({ key: country, name: countryName(country), value: bytes, cells: [count(n), size(bytes)] })}
      sheet={{ head: ['country', 'pieces', 'bytes'], row: ({ country, n, bytes }) => [country, n, bytes] }} />
  )
}
