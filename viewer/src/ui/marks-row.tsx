/** Rings with letters above a chart; choosing one says in a sentence what changed. */

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { askCompare, changeAround, markersOf, type Change, type Compared, type Happening, type Marker } from '../data/marks.ts'
import type { Node } from '../data/model.ts'
import { now } from '../data/store.ts'
import { decimal, isNumber, mbit, percent, size, withSign } from '../text/numbers.ts'
import { dayAndTime, duration } from '../text/times.ts'
import { words } from '../text/words.ts'
import { Scroll, Seg } from './parts.tsx'

const say = words.marks

interface Props { happenings: Happening[]; from: number; to: number; chosen: Marker | null; choose(marker: Marker | null): void }

const WIDE = 1000
const APART = 19 // px from ring to ring at least

export function Marks({ happenings, from, to, chosen, choose }: Props) {
  const list = useRef<HTMLUListElement>(null)
  const [width, setWidth] = useState(WIDE)
  useLayoutEffect(() => setWidth(list.current?.clientWidth || WIDE))
  const markers = markersOf(happenings, from, to, APART / width)
  return (
    <ul class="marks plain" ref={list} aria-label={say.label}>
      {markers.map(marker => {
        const mine = chosen?.at === marker.at
        const label = `${dayAndTime(marker.at)} · ${marker.texts.join(' · ')}`
        return (
          <li key={marker.at} style={{ left: `${marker.share * 100}%` }} class={mine ? 'on' : ''}>
            <button type="button" aria-pressed={mine} aria-label={label} title={label} onClick={() => choose(mine ? null : marker)}>{marker.letter}</button>
          </li>
        )
      })}
    </ul>
  )
}

export function BeforeAfter({ nodes, marker }: { nodes: Node[]; marker: Marker | null }) {
  if (!marker) return null
  return nodes.length === 1 ? <Sides key={marker.at} node={nodes[0]!} marker={marker} /> : <Short nodes={nodes} marker={marker} />
}

const HOURS = [['24', words.compared.day], ['168', words.compared.week]] as const

/** Of one node, as the agent compares it: with what is usual beside it. Until it can, in the short form. */
function Sides({ node, marker }: { node: Node; marker: Marker }) {
  const [hours, setHours] = useState<'24' | '168'>('24')
  const [found, setFound] = useState<Compared | 'none' | null>(null)
  useEffect(() => {
    let gone = false
    askCompare(node, marker.at, Number(hours)).then(answer => gone || setFound(answer), () => gone || setFound('none'))
    return () => {
      gone = true
    }
  }, [hours])
  if (found === 'none') return <Short nodes={[node]} marker={marker} />
  return (
    <div class="evk" role="status">
      <p class="s soft"><b>{dayAndTime(marker.at)}</b> {marker.texts.join(' · ')}</p>
      <div class="tools"><b>{found?.text ?? words.loading}</b><Seg label={words.compared.span} of={HOURS} value={hours} set={setHours} /></div>
      {found && <Measures found={found} />}
    </div>
  )
}

const valueOf = (metric: string, value: number | null): string =>
  !isNumber(value) ? percent(null) : metric.endsWith('_bytes') ? size(value) : metric.endsWith('_p95') ? `${decimal(value, 1)} s` : metric === 'errors' ? decimal(value, 0) : percent(value)

function Measures({ found: { hours, measures } }: { found: Compared }) {
  const known = measures.filter(({ before, after }) => before !== null || after !== null)
  if (known.length === 0) return null
  const { measure, before, after, change, notable, sides } = words.compared
  return (
    <Scroll label={sides(hours)}>
      <table>
        <caption class="s faint">{sides(hours)}</caption>
        <thead><tr><th scope="col">{measure}</th><th scope="col" class="num">{before}</th><th scope="col" class="num">{after}</th><th scope="col" class="num">{change}</th></tr></thead>
        <tbody>
          {known.map(row => (
            <tr key={row.metric}>
              <th scope="row">{row.label}</th>
              <td class="num">{valueOf(row.metric, row.before)}</td>
              <td class="num">{valueOf(row.metric, row.after)}</td>
              <td class="num">{row.text ? row.text.replace(row.label, '').trim() : percent(null)}{row.notable && <b class="warn"> {notable}</b>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

/** What the chosen mark changed in a sentence, by the history. */
function Short({ nodes, marker }: { nodes: Node[]; marker: Marker }) {
  const [change, setChange] = useState<Change | null>(null)
  useEffect(() => {
    setChange(null)
    let gone = false
    // without an answer the mark still says what happened
    changeAround(nodes, marker.at, Math.floor(now.peek())).then(found => gone || setChange(found), () => {})
    return () => {
      gone = true
    }
  }, [marker.at])
  return (
    <p class="s soft evk" role="status">
      <b>{dayAndTime(marker.at)}</b> {marker.texts.join(' · ')}{change && <> · {sentence(change)}</>}
    </p>
  )
}

type Key = keyof Change['before']
const ROWS: { key: Key; name: string; show(value: number): string; unit: string; difference(a: number, b: number): string }[] = [
  { key: 'out', name: say.out, show: mbit, unit: ' Mbit/s', difference: (a, b) => withSign(b - a, mbit(Math.abs(b - a))) },
  { key: 'in', name: say.in, show: mbit, unit: ' Mbit/s', difference: (a, b) => withSign(b - a, mbit(Math.abs(b - a))) },
  { key: 'download', name: say.download, show: value => percent(value), unit: '', difference: (a, b) => points(b - a) },
  { key: 'upload', name: say.upload, show: value => percent(value), unit: '', difference: (a, b) => points(b - a) },
]
const points = (value: number): string => say.points(withSign(value, Math.abs(value).toFixed(2)))

function sentence({ span, before, after }: Change): string {
  const parts = ROWS.flatMap(({ key, name, show, unit, difference }) => {
    const [a, b] = [before[key], after[key]]
    return isNumber(a) && isNumber(b) ? [`${name} ${show(a)} → ${show(b)}${unit} (${difference(a, b)})`] : []
  })
  return parts.length ? say.change(duration(span), parts.join(', ')) : say.unknown
}
