/** A chart of one quantity at a time: of a node by satellite, or of several nodes. */

import { useMemo, useState } from 'preact/hooks'
import type { ComponentChildren } from 'preact'
import { frameOf } from '../chart/flow.ts'
import { lineDrawing } from '../chart/lines.ts'
import { readLines, type Source } from '../data/history.ts'
import type { Happening } from '../data/marks.ts'
import type { Measure } from '../data/measures.ts'
import type { Node } from '../data/model.ts'
import { useResource } from '../data/resource.ts'
import { isEmpty, trimmed, type Range, type Series } from '../data/series.ts'
import { calmNow } from '../data/store.ts'
import { isNumber } from '../text/numbers.ts'
import { dayAndTime, fullDay } from '../text/times.ts'
import { words } from '../text/words.ts'
import { useMarked } from '../ui/marked.tsx'
import { ChartFrame, NoPicture, Picture, RangeChoice, rangeOf, type Sheet } from '../ui/chart.tsx'

const say = words.chart

interface Props { id: string; wide: string; title: ComponentChildren; measure: Measure; sources: Source[]; first: string; tools?: ComponentChildren; marks?: { node: Node; happenings: Happening[] } }

/** `sources` are the lines; one is in front, which is chosen in the legend. */
export function LinesCard({ id, wide, title, measure, sources, first, tools, marks }: Props) {
  const [rangeId, setRange] = useState(first)
  const [front, setFront] = useState(sources[0]?.key ?? null)
  const [index, setIndex] = useState<number | null>(null)
  const range = rangeOf(rangeId)
  const key = `lines ${id} ${measure.metric} ${range.id} ${sources.map(source => source.key)}`
  const answer = useResource(key, Math.min(300, Math.max(30, range.step / 2)), () => readLines(sources, measure, range))
  const series = answer.value && trimmed(answer.value)
  const marked = useMarked(marks?.node, marks?.happenings ?? NONE)
  const inFront = sources.length > 1 && sources.some(source => source.key === front) ? front : null
  return (
    <section class={`card ${wide} fill`} data-ranges={rangeId}>
      <ChartFrame title={title} tools={<>{tools}<RangeChoice value={rangeId} set={setRange} /></>}
        sheet={() => series && sheetOf(series, sources, measure)} shown={() => (series ? shownRows(series, sources, measure, range) : [])}>
        {answer.error && !series ? <NoPicture>{say.failed(answer.error)}</NoPicture>
          : series && isEmpty(series) ? <NoPicture>{say.nothing}</NoPicture>
          : <Lines series={series} sources={sources} measure={measure} range={range} front={inFront} point={setIndex} over={marks && marked.over} />}
      </ChartFrame>
      {series && !isEmpty(series) && <Legend series={series} sources={sources} measure={measure} range={range} index={index} front={inFront} setFront={setFront} />}
      {marks && marked.below}
    </section>
  )
}

const NONE: Happening[] = []

interface LinesProps { over?: ((frame: { from: number; to: number }) => ComponentChildren) | undefined; series: Series | null; sources: Source[]; measure: Measure; range: Range; front: string | null; point: (index: number | null) => void }

function Lines({ series, sources, measure, range, front, point, over }: LinesProps) {
  const drawing = useMemo(() => {
    if (!series) return null
    const to = Math.max(calmNow.peek(), (series.t.at(-1) ?? 0) + series.step)
    const from = range.id === 'all' ? (series.t[0] ?? to - range.seconds) : to - range.seconds
    const { zero, most, whole, show } = measure
    const look = { zero, ...(most === undefined ? {} : { most }), ...(whole ? { whole } : {}), label: show, front }
    return lineDrawing(series, sources.map(source => source.key), look, frameOf(from, to, say.now))
  }, [series, front])
  return <Picture drawing={drawing} label={say.label(measure.name, range.label)} point={point}>{drawing && over?.(drawing)}</Picture>
}

interface LegendProps { series: Series; sources: Source[]; measure: Measure; range: Range; index: number | null; front: string | null; setFront(key: string | null): void }

/** Each line with its value at the pointer, or its last; a press brings it to the front. */
function Legend({ series, sources, measure, range, index, front, setFront }: LegendProps) {
  const at = index ?? series.known.findLastIndex(n => n > 0)
  const of = sources.map(({ key, name }) => ({ key, name, value: shown(measure, series.values[key]?.[at]), on: key === front }))
  return <Readings time={timeOf(series.t[at] ?? 0, range)} of={of} press={key => setFront(key === front ? null : key)} />
}

interface Value { key: string; name: string; value: string; on?: boolean; tone?: string }

/** Below a chart: its lines, what they are worth at one time; to be pressed where one can be in front. */
export function Readings({ time, of, unit, press }: { time: string; of: Value[]; unit?: string; press?: ((key: string) => void) | undefined }) {
  return (
    <div class="legend line-legend">
      <span class="faint">{time}</span>
      {of.map(({ key, name, value, on, tone }) => {
        const text = <>{tone && <svg aria-hidden="true"><path class={tone} d="M0 5h14" /></svg>}{name} <b>{value}</b></>
        return press ? <button type="button" key={key} aria-pressed={on ?? false} onClick={() => press(key)}>{text}</button> : <span key={key}>{text}</span>
      })}
      {unit && <span class="faint">{unit}</span>}
    </div>
  )
}

const shown = (measure: Measure, value: number | null | undefined): string => (isNumber(value) ? measure.show(value) : '–')
export const timeOf = (at: number, range: Range): string => (range.step >= 86_400 ? fullDay(at) : dayAndTime(at))

const shownRows = (series: Series, sources: Source[], measure: Measure, range: Range): string[][] =>
  series.t.map((at, index) => [timeOf(at, range), ...sources.map(({ key }) => shown(measure, series.values[key]?.[index]))]).reverse()

const sheetOf = (series: Series, sources: Source[], measure: Measure): Sheet => ({
  name: measure.metric,
  head: [say.time, ...sources.map(source => source.name)],
  rows: series.t.map((at, index) => [new Date(at * 1000).toISOString(), ...sources.map(({ key }) => series.values[key]?.[index] ?? null)]),
})
