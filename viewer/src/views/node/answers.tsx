/** How fast a node answers: all durations of some days as a histogram, and their percentiles as time goes by. */

import { useMemo, useState } from 'preact/hooks'
import { barsOf, seconds, sidesOf, spanOf, type Latency } from '../../chart/durations.ts'
import { frameOf } from '../../chart/flow.ts'
import { lineDrawing } from '../../chart/lines.ts'
import { ask, nodeArgs } from '../../data/agent.ts'
import type { Node } from '../../data/model.ts'
import { useResource } from '../../data/resource.ts'
import { sumHistories, type Series } from '../../data/series.ts'
import { now } from '../../data/store.ts'
import { count, isNumber, percent } from '../../text/numbers.ts'
import { DAY, dayAndTime } from '../../text/times.ts'
import { nodeWords } from '../../text/node.ts'
import { words } from '../../text/words.ts'
import { Bars } from '../../ui/bars.tsx'
import { ChartFrame, Picture } from '../../ui/chart.tsx'
import { useMarked } from '../../ui/marked.tsx'
import { Skeleton } from '../../ui/parts.tsx'
import { Q } from '../../ui/why.tsx'
import { Readings } from '../lines.tsx'
import type { Days, SectionProps } from './section.tsx'

const say = nodeWords.answers
const ACTIONS = [['GET', say.down], ['PUT', say.up], ['GET_REPAIR', say.repairOut], ['PUT_REPAIR', say.repairIn], ['GET_AUDIT', say.audit]] as const
type Action = (typeof ACTIONS)[number][0]
const LINES = ['p50', 'p95', 'p99'] as const

export function AnswersCards({ node, happenings, days }: SectionProps & { days: Days }) {
  const [action, choose] = useState<Action>('GET')
  const answer = useResource(`latency ${node.key} ${action} ${days}`, 120, () => {
    const to = Math.floor(now.peek())
    return ask<Latency>('latency', { ...nodeArgs(node), action, from: to - Number(days) * DAY, to })
  })
  const found = answer.value
  const choice = (
    <select class="field" aria-label={say.kind} value={action} onChange={event => choose(event.currentTarget.value as Action)}>
      {ACTIONS.map(([key, name]) => <option key={key} value={key}>{name}</option>)}
    </select>
  )
  if (!found) return <section class="card w12"><header><h2>{say.head}</h2></header>{answer.error ? <p class="m soft">{words.tables.failed(answer.error)}</p> : <Skeleton lines={3} />}</section>
  if (found.n === 0) return <section class="card w12"><header><h2>{say.head}</h2><span class="grow" />{choice}</header><p class="m soft">{say.none}</p></section>
  const spoken = ACTIONS.find(([key]) => key === action)![1].toLowerCase()
  return (
    <>
      <Histogram node={node} found={found} choice={choice} spoken={spoken} />
      <Percentiles node={node} found={found} happenings={happenings} days={days} spoken={spoken} />
    </>
  )
}

function Histogram({ node, found, choice, spoken }: { node: Node; found: Latency; choice: preact.JSX.Element; spoken: string }) {
  const total = found.histogram.reduce((sum, [, , n]) => sum + n, 0)
  const sheet = { name: `${node.name}-durations-${found.action}`, head: ['from', 'to', 'count'], rows: found.histogram.map(row => [...row]) }
  const rows = found.histogram.map(([from, to, n]) => [spanOf(from, to), count(n), percent((100 * n) / total)])
  return (
    <section class="card w5">
      <ChartFrame title={<Q topic="durations">{say.head}</Q>} tools={choice} sheet={sheet} shown={rows} shownHead={[say.took, say.count, say.share]}>
        <p class="ans">{say.answer(spoken, within(found.p50), within(found.p99))}</p>
        <Bars label={say.histogram(spoken, seconds(found.p50), seconds(found.p95), seconds(found.p99))} bars={barsOf(found.histogram)} />
        <p class="s faint center">{say.axis}</p>
        <dl class="pct">
          <div><dt>{say.p50}</dt><dd>{seconds(found.p50)}</dd></div>
          <div><dt>{say.p95}</dt><dd>{seconds(found.p95)}</dd></div>
          <div><dt>{say.p99}</dt><dd>{seconds(found.p99)}</dd></div>
          <div><dt>{say.measured}</dt><dd>{count(found.n)}</dd></div>
        </dl>
      </ChartFrame>
    </section>
  )
}

/** "1 s" where the log says less than one. */
const within = (value: number | null): string => (isNumber(value) && value < 1 ? '1 s' : seconds(value))

/** Gaps are drawn as gaps: bins without transfers are not in the answer. */
export function seriesOf(found: Latency, from: number, to: number): Series {
  const first = Math.floor(from / found.step) * found.step
  const empty = { step: found.step, columns: ['t'], rows: Array.from({ length: Math.max(1, Math.ceil((to - first) / found.step)) }, (_, index) => [first + index * found.step]) }
  return sumHistories([{ step: found.step, columns: found.columns, rows: found.rows }, empty], [...LINES])
}

function Percentiles({ node, found, happenings, days, spoken }: SectionProps & { found: Latency; days: Days; spoken: string }) {
  const [index, setIndex] = useState<number | null>(null)
  const marked = useMarked(node, happenings)
  const [series, drawing] = useMemo(() => {
    const to = Math.floor(now.peek())
    const from = to - Number(days) * DAY
    const made = seriesOf(found, from, to)
    const drawn = lineDrawing(made, [...LINES], { zero: true, label: seconds, front: null }, frameOf(from, to, words.chart.now))
    return [made, { ...drawn, lines: drawn.lines.map((line, at) => ({ ...line, tone: TONES[at]! })) }] as const
  }, [found])
  const sides = sidesOf(found, now.peek())
  const at = index ?? series.values['p50']!.findLastIndex(isNumber)
  const sheet = { name: `${node.name}-percentiles-${found.action}`, head: ['time', 'count', ...LINES], rows: found.rows.map(([t, ...rest]) => [new Date((t ?? 0) * 1000).toISOString(), ...rest]) }
  const shown = found.rows.map(([t, n, ...rest]) => [dayAndTime(t ?? 0), count(n), ...rest.map(value => seconds(value ?? null))]).reverse()
  return (
    <section class="card w7 fill">
      <ChartFrame title={say.trend} legend={<span class="s faint">{say.trendBelow(spoken)}</span>} sheet={sheet} shown={shown} shownHead={[words.chart.time, say.count, say.p50, say.p95, say.p99]}>
        {sides && <p class="ans">{say.slower(seconds(round(sides.last)), seconds(round(sides.before)))}</p>}
        <Picture drawing={drawing} label={say.trendLabel(spoken)} point={setIndex}>{marked.over(drawing)}</Picture>
      </ChartFrame>
      <Readings time={dayAndTime(series.t[at] ?? 0)} of={LINES.map((key, line) => ({ key, name: say[key], tone: TONES[line]!, value: seconds(series.values[key]?.[at] ?? null) }))} />
      {marked.below}
    </section>
  )
}

const round = (value: number): number => Math.round(value * 10) / 10

/** The one half is ahead of is the strongest. */
const TONES = ['l-x', 'l-front', 'l-warn']
