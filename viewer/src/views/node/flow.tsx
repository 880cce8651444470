/** Traffic of a node, whole or taken apart by satellite, kind or outcome. */

import { useMemo, useState } from 'preact/hooks'
import { frameOf, MBIT } from '../../chart/flow.ts'
import { splitDrawing, type SplitLine } from '../../chart/split.ts'
import { readHistory, wishOf } from '../../data/history.ts'
import { useEvents } from '../../data/events.ts'
import { counts, worstSatellites, type Node } from '../../data/model.ts'
import { useResource } from '../../data/resource.ts'
import { isEmpty, sumHistories, trimmed, type History, type Range, type Series } from '../../data/series.ts'
import { calmNow } from '../../data/store.ts'
import { decimal, isNumber } from '../../text/numbers.ts'
import { nodeWords } from '../../text/node.ts'
import { words } from '../../text/words.ts'
import { ChartFrame, NoPicture, Picture, RangeChoice, rangeOf } from '../../ui/chart.tsx'
import { useMarked } from '../../ui/marked.tsx'
import { Seg } from '../../ui/parts.tsx'
import { Readings, timeOf } from '../lines.tsx'
import { TrafficCard } from '../traffic.tsx'
import type { SectionProps } from './section.tsx'

const say = words.chart
const split = nodeWords.split
const CHOICES = [['total', split.total], ['satellite', split.satellite], ['action', split.action], ['outcome', split.outcome]] as const
type Split = (typeof CHOICES)[number][0]

const KINDS: SplitLine[] = [
  { key: 'rate:GET', name: split.actions.GET, tone: 'l-out', below: false },
  { key: 'rate:GET_REPAIR', name: split.actions.GET_REPAIR, tone: 'l-rep', below: false },
  { key: 'rate:GET_AUDIT', name: split.actions.GET_AUDIT, tone: 'l-aud', below: false },
  { key: 'rate:PUT', name: split.actions.PUT, tone: 'l-in', below: true },
  { key: 'rate:PUT_REPAIR', name: split.actions.PUT_REPAIR, tone: 'l-rep', below: true },
]
const ENDS: SplitLine[] = [
  { key: 'count_rate:ok', name: split.outcomes.ok, tone: 'l-x', below: false },
  { key: 'count_rate:canceled', name: split.outcomes.canceled, tone: 'l-warn', below: false },
  { key: 'count_rate:failed', name: split.outcomes.failed, tone: 'l-crit', below: false },
  { key: 'count_rate:rejected', name: split.outcomes.rejected, tone: 'l-unk', below: false },
]

/** Each satellite out and in; one is in front. */
function satelliteLines(node: Node, front: string | null): SplitLine[] {
  const names = worstSatellites(node.satellites).filter(({ state }) => counts(state)).map(({ name }) => name)
  return names.flatMap(name => [
    { key: `${name} egress_rate`, name: `${name} ${say.outShort}`, tone: name === front ? 'l-out' : 'l-back', below: false },
    { key: `${name} ingress_rate`, name: `${name} ${say.inShort}`, tone: name === front ? 'l-in' : 'l-back', below: true },
  ])
}

/** One answer a satellite where it is taken apart by them, else one for all lines. */
async function read(node: Node, by: Split, lines: SplitLine[], range: Range): Promise<Series> {
  const keys = lines.map(({ key }) => key)
  if (by !== 'satellite') return sumHistories([await readHistory(node, wishOf(range, keys))], keys)
  const names = [...new Set(keys.map(key => key.split(' ')[0]!))]
  const answers = await Promise.all(names.map(async (satellite): Promise<History> => {
    const found = await readHistory(node, { ...wishOf(range, ['egress_rate', 'ingress_rate']), satellite })
    return { ...found, columns: ['t', ...found.columns.slice(1).map(column => `${satellite} ${column}`)] }
  }))
  return sumHistories(answers, keys)
}

export function FlowCard({ node, happenings }: SectionProps) {
  const [by, choose] = useState<Split>('total')
  const [rangeId, setRange] = useState('24h')
  const events = useEvents(node)
  const tools = <Seg label={say.split} of={CHOICES} value={by} set={choose} />
  if (by === 'total') {
    return <TrafficCard nodes={[node]} events={events} happenings={happenings} title={say.traffic} wide="w8" tools={tools} range={rangeId} setRange={setRange} />
  }
  return <Apart key={by} node={node} happenings={happenings} by={by} tools={tools} rangeId={rangeId} setRange={setRange} />
}

interface ApartProps extends SectionProps { by: Exclude<Split, 'total'>; tools: preact.JSX.Element; rangeId: string; setRange(id: string): void }

function Apart({ node, happenings, by, tools, rangeId, setRange }: ApartProps) {
  const [front, setFront] = useState<string | null>(null)
  const [index, setIndex] = useState<number | null>(null)
  const marked = useMarked(node, happenings)
  const range = rangeOf(rangeId)
  const lines = useMemo(() => (by === 'action' ? KINDS : by === 'outcome' ? ENDS : satelliteLines(node, front)), [by, front, node.satellites.length])
  const answer = useResource(`split ${node.key} ${by} ${range.id}`, Math.min(300, Math.max(30, range.step / 2)), () => read(node, by, lines, range))
  const series = answer.value && (range.id === 'all' ? trimmed(answer.value) : answer.value)
  const [unit, factor] = by === 'outcome' ? [split.perSecond, 1] : ['Mbit/s', MBIT]
  const drawing = useMemo(() => {
    if (!series) return null
    const to = Math.max(calmNow.peek(), (series.t.at(-1) ?? 0) + series.step)
    const from = range.id === 'all' ? (series.t[0] ?? to - range.seconds) : to - range.seconds
    // what is in front is drawn last
    const ordered = [...lines].sort((a, b) => Number(b.tone === 'l-back') - Number(a.tone === 'l-back'))
    return splitDrawing(series, ordered, unit, factor, frameOf(from, to, say.now))
  }, [series, lines])
  const value = (key: string, at: number): string => shown(series?.values[key]?.[at], factor)
  const table = { head: [say.time, ...lines.map(({ name }) => `${name}, ${unit}`)], name: `${node.name}-traffic-${by}`, rows: series ? series.t.map((at, row) => [new Date(at * 1000).toISOString(), ...lines.map(({ key }) => rounded(series.values[key]?.[row], factor))]) : [] }
  const rows = series ? series.t.map((at, row) => [timeOf(at, range), ...lines.map(({ key }) => value(key, row))]).reverse() : []
  const at = index ?? series?.known.findLastIndex(n => n > 0) ?? 0
  const press = by === 'satellite' ? (key: string): void => setFront(front === key.split(' ')[0] ? null : key.split(' ')[0]!) : undefined
  return (
    <section class="card w8 fill" data-ranges={rangeId}>
      <ChartFrame title={say.traffic} tools={<>{tools}<RangeChoice value={rangeId} set={setRange} /></>} sheet={series && table} shown={rows}>
        {answer.error && !series ? <NoPicture>{say.failed(answer.error)}</NoPicture>
          : series && isEmpty(series) ? <NoPicture>{say.nothing}</NoPicture>
          : <Picture drawing={drawing} label={say.label(`${say.traffic}, ${split[by]}`, range.label)} point={setIndex}>{drawing && marked.over(drawing)}</Picture>}
      </ChartFrame>
      {series && !isEmpty(series) && (
        <Readings time={timeOf(series.t[at] ?? 0, range)} of={lines.map(({ key, name, tone }) => ({ key, name, tone, value: value(key, at), on: key.split(' ')[0] === front }))} unit={unit} press={press} />
      )}
      {marked.below}
    </section>
  )
}

const shown = (value: number | null | undefined, factor: number): string => (isNumber(value) ? decimal(value * factor, factor === 1 ? 2 : 1) : decimal(null))
const rounded = (value: number | null | undefined, factor: number): number | null => (isNumber(value) ? Number((value * factor).toFixed(4)) : null)
