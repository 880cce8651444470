/** The chart of traffic, of one node or the sum of several. */

import type { ComponentChildren } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import { flowDrawing, frameOf } from '../chart/flow.ts'
import { useSum, wishOf } from '../data/history.ts'
import type { Event } from '../data/events.ts'
import { happeningsOf, type Happening, type Marker } from '../data/marks.ts'
import type { Node } from '../data/model.ts'
import { isEmpty, trimmed, type Range, type Series } from '../data/series.ts'
import { calmNow } from '../data/store.ts'
import { mbit } from '../text/numbers.ts'
import { dayAndTime, fullDay, weekdayAndTime } from '../text/times.ts'
import { words } from '../text/words.ts'
import { BeforeAfter, Marks } from '../ui/marks-row.tsx'
import { ChartFrame, FlowLegend, NoPicture, Picture, RangeChoice, rangeOf, type Sheet } from '../ui/chart.tsx'

const OUT = 'egress_rate'
const IN = 'ingress_rate'
const say = words.chart

interface Props {
  nodes: Node[]
  title: string
  wide: string
  events: Event[]
  /** In place of what is made of `events`. */
  happenings?: Happening[]
  tools?: ComponentChildren
  /** Where the range is chosen for others, too. */
  range?: string
  setRange?(id: string): void
}

export function TrafficCard({ nodes, title, wide, events, happenings, tools, range: given, setRange }: Props) {
  const [own, setOwn] = useState('24h')
  const [id, setId] = [given ?? own, setRange ?? setOwn]
  const [index, setIndex] = useState<number | null>(null)
  const [marker, choose] = useState<Marker | null>(null)
  const range = rangeOf(id)
  const answer = useSum(nodes, wishOf(range, [OUT, IN]))
  const series = answer.value && (id === 'all' ? trimmed(answer.value) : answer.value)
  return (
    <section class={`card ${wide} fill`} data-ranges={id}>
      <ChartFrame title={title} legend={<Legend series={series} index={index} range={range} all={nodes.length} />} tools={<>{tools}<RangeChoice value={id} set={setId} /></>}
        sheet={() => series && sheetOf(series, title)} shown={() => (series ? shownRows(series, range) : [])}>
        {answer.error && !series ? <NoPicture>{say.failed(answer.error)}</NoPicture>
          : series && isEmpty(series) ? <NoPicture>{say.nothing}</NoPicture>
          : <Traffic series={series} range={range} title={title} point={setIndex}>
              {frame => <Marks happenings={happenings ?? happeningsOf(nodes, events)} {...frame} chosen={marker} choose={choose} />}
            </Traffic>}
      </ChartFrame>
      <BeforeAfter nodes={nodes} marker={marker} />
    </section>
  )
}

interface LegendProps { series: Series | null; index: number | null; range: Range; all: number }

/** Says what the pointer is on, in the place of the legend. */
function Legend({ series, index, range, all }: LegendProps) {
  if (!series || index === null) return <FlowLegend short={all === 1} />
  return <span class="legend" role="status">{readout(series, index, range, all)}</span>
}

interface TrafficProps { series: Series | null; range: Range; title: string; point: (index: number | null) => void; children: (frame: { from: number; to: number }) => ComponentChildren }

function Traffic({ series, range, title, point, children }: TrafficProps) {
  const drawing = useMemo(() => {
    if (!series) return null
    const to = Math.max(calmNow.peek(), (series.t.at(-1) ?? 0) + series.step)
    const from = range.id === 'all' ? (series.t[0] ?? to - range.seconds) : to - range.seconds
    return flowDrawing(series, OUT, IN, 'Mbit/s', frameOf(from, to, say.now))
  }, [series, range.id])
  return <Picture drawing={drawing} label={say.label(title, range.label)} point={point}>{drawing && children(drawing)}</Picture>
}

/** `Sun 18:10 · out 10.2 · in 14.1 Mbit/s` */
function readout(series: Series, index: number, range: Range, all: number): string {
  const known = series.known[index] ?? 0
  return [
    timeOf(series.t[index] ?? 0, range),
    `${say.outShort} ${mbit(series.values[OUT]?.[index])}`,
    `${say.inShort} ${mbit(series.values[IN]?.[index])} Mbit/s`,
    known < all ? say.of(known, all) : '',
  ].filter(Boolean).join(' · ')
}

const timeOf = (at: number, range: Range): string =>
  range.step >= 86400 ? fullDay(at) : range.seconds > 6 * 86400 ? dayAndTime(at) : weekdayAndTime(at)

const HEAD = [say.time, `${say.outShort}, Mbit/s`, `${say.inShort}, Mbit/s`]

const shownRows = (series: Series, range: Range): string[][] =>
  series.t.map((at, index) => [timeOf(at, range), mbit(series.values[OUT]?.[index]), mbit(series.values[IN]?.[index])]).reverse()

function sheetOf(series: Series, title: string): Sheet {
  return {
    name: title.toLowerCase().replace(/[^a-z0-9]+/g, '-'),
    head: HEAD,
    rows: series.t.map((at, index) => [
      new Date(at * 1000).toISOString(),
      rounded(series.values[OUT]?.[index]),
      rounded(series.values[IN]?.[index]),
    ]),
  }
}

const rounded = (value: number | null | undefined): number | null => (value == null ? null : Number(((value * 8) / 1e6).toFixed(4)))
