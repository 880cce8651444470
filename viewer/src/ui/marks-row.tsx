/** Rings with letters above a chart; choosing one says in a sentence what changed. */

import { useEffect, useState } from 'preact/hooks'
import { changeAround, markersOf, type Change, type Happening, type Marker } from '../data/marks.ts'
import type { Node } from '../data/model.ts'
import { now } from '../data/store.ts'
import { isNumber, mbit, percent, withSign } from '../text/numbers.ts'
import { dayAndTime, duration } from '../text/times.ts'
import { words } from '../text/words.ts'

const say = words.marks

interface Props { happenings: Happening[]; from: number; to: number; chosen: Marker | null; choose(marker: Marker | null): void }

export function Marks({ happenings, from, to, chosen, choose }: Props) {
  const markers = markersOf(happenings, from, to)
  return (
    <ul class="marks plain" aria-label={say.label}>
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

/** What the chosen mark changed, or nothing. */
export function BeforeAfter({ nodes, marker }: { nodes: Node[]; marker: Marker | null }) {
  const [change, setChange] = useState<Change | null>(null)
  useEffect(() => {
    setChange(null)
    let gone = false
    // without an answer the mark still says what happened
    if (marker) changeAround(nodes, marker.at, Math.floor(now.peek())).then(found => gone || setChange(found), () => {})
    return () => {
      gone = true
    }
  }, [marker?.at])
  if (!marker) return null
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
