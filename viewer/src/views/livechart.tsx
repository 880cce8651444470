/** The last minutes, second by second, from the live messages: out above the axis, in below it. */

import { useEffect } from 'preact/hooks'
import { ownOf } from '../data/agent.ts'
import { isFlowing, lastSeconds, type Second } from '../data/live.ts'
import type { Node } from '../data/model.ts'
import { niceCeil } from '../data/series.ts'
import { now, pageOf } from '../data/store.ts'
import { watch } from '../data/watch.ts'
import type { Topic } from '../text/explain.ts'
import { DASH, decimal, isNumber, mbit } from '../text/numbers.ts'
import { clockSeconds } from '../text/times.ts'
import { words } from '../text/words.ts'
import { ChartFrame, type Sheet } from '../ui/chart.tsx'
import { Icon } from '../ui/icons.tsx'
import { Q } from '../ui/why.tsx'

const WIDTH = 240
const say = words.chart

/** Bars of one second as one path a direction: cheap to change every second. */
export function bars(values: Values, most: number, up: boolean): string {
  const width = WIDTH / values.length
  return values
    .map((value, index) => (isNumber(value) && value > 0 ? `M${((index + 0.5) * width).toFixed(1)} 50v${(((up ? -46 : 46) * value) / most).toFixed(1)}` : ''))
    .join('')
}

export interface Quantity {
  id: string
  title: string
  unit: string
  topic: Topic
  /** Of a second that is known. */
  pick: [out: (second: Second) => number | null, inward: (second: Second) => number | null]
  shown(value: number): string
  label(span: number, out: string, inward: string): string
  /** What holds until it changes has a last value, a rate a mean. */
  holds?: boolean
}

export const QUANTITIES: Record<'rate' | 'pieces' | 'open', Quantity> = {
  rate: {
    id: 'rate', title: say.live, unit: say.mbit, label: say.liveLabel, topic: 'liveRate',
    pick: [second => (second.out * 8) / 1e6, second => (second.in * 8) / 1e6],
    shown: value => mbit((value * 1e6) / 8),
  },
  pieces: {
    id: 'pieces', title: say.livePieces, unit: '', label: say.livePiecesLabel, topic: 'pieces',
    pick: [second => second.outPieces, second => second.inPieces],
    shown: value => decimal(value, 1),
  },
  open: {
    id: 'at-once', title: say.liveOpen, unit: '', label: say.liveOpenLabel, topic: 'concurrency', holds: true,
    pick: [second => second.open?.[0] ?? null, second => second.open?.[1] ?? null],
    shown: value => decimal(value, 0),
  },
}

type Values = (number | null)[]

const recent = (values: Values, holds: boolean | undefined): number | null => {
  const known = values.slice(holds ? -1 : -5).filter(isNumber)
  return known.length ? known.reduce((total, value) => total + value, 0) / known.length : null
}

interface Props { nodes: Node[]; quantity: Quantity; span: number; wide?: string; low?: boolean; fill?: boolean; title?: string; at?: number }

/** `at`: the second that stands on the right, for a picture that is paused. The second that runs is not whole yet. */
export function SecondsCard({ nodes, quantity, span, wide = '', low = false, fill = false, title, at }: Props) {
  const end = Math.floor(at ?? now.value) - 1
  const seconds = lastSeconds(ownOf(nodes).map(node => node.name), span, end)
  const [out, inward] = quantity.pick.map(pick => seconds.map(second => second && pick(second))) as [Values, Values]
  const [nowOut, nowIn] = [out, inward].map(values => {
    const value = recent(values, quantity.holds)
    return value === null ? DASH : quantity.shown(value)
  }) as [string, string]
  const known = isFlowing.value && [...out, ...inward].some(isNumber)
  const head = <Q topic={quantity.topic} title={title ?? quantity.title} figures={quantity.label(span, nowOut, nowIn)} at={end}>{title ?? quantity.title}</Q>
  return (
    <section class={`card ${wide} ${fill ? 'fill' : ''}`}>
      <ChartFrame title={head} tools={<Numbers out={nowOut} inward={nowIn} unit={quantity.unit} />} sheet={() => sheetOf(quantity, end, out, inward)} shown={() => rowsOf(quantity, end, out, inward)}>
        {known ? (
          <div class={low ? 'plot low' : 'plot'} role="img" aria-label={quantity.label(span, nowOut, nowIn)}>
            <Bars out={out} inward={inward} unit={quantity.unit} gaps={gapsOf(seconds)} />
          </div>
        ) : <div class={low ? 'plot low none' : 'plot none'}><p class="m soft">{isFlowing.value && quantity.holds ? say.liveOpenNot : say.liveWaiting}</p></div>}
        <Axis span={span} />
      </ChartFrame>
    </section>
  )
}

function Numbers({ out, inward, unit }: { out: string; inward: string; unit: string }) {
  return (
    <span class="m nb">
      <span class="c-out"><Icon name="up" /> {out}</span>{' '}
      <span class="c-in"><Icon name="down" /> {inward}</span> <span class="faint">{unit}</span>
    </span>
  )
}

const sheetOf = ({ id }: Quantity, end: number, out: Values, inward: Values): Sheet => ({
  name: `live-${id}`,
  head: [say.time, say.outShort, say.inShort],
  rows: out.map((value, index) => [new Date((end - out.length + 1 + index) * 1000).toISOString(), value, inward[index] ?? null]),
})

const rowsOf = ({ shown }: Quantity, end: number, out: Values, inward: Values): string[][] =>
  out.map((value, index) => [clockSeconds(end - out.length + 1 + index), ...[value, inward[index] ?? null].map(one => (one === null ? DASH : shown(one)))]).reverse()

/** Labels from the past to now: each minute, or a quarter of one. */
function Axis({ span }: { span: number }) {
  const [step, unit] = span > 60 ? [60, 'min'] : [15, 's']
  const count = span / step
  const labels = Array.from({ length: count }, (_, index) => `−${((count - index) * step) / (unit === 's' ? 1 : 60)}${index ? '' : ` ${unit}`}`)
  return <div class="xax" aria-hidden="true">{[...labels, say.now].map(label => <span key={label}>{label}</span>)}</div>
}

type Gap = [from: number, length: number]

/** Where nothing is known: stretches of seconds in which the node was not watched. */
export function gapsOf(seconds: readonly unknown[]): Gap[] {
  const gaps: Gap[] = []
  seconds.forEach((second, at) => {
    if (second !== null) return
    const last = gaps.at(-1)
    if (last && last[0] + last[1] === at) last[1]++
    else gaps.push([at, 1])
  })
  return gaps
}

/** The zero line, dashed where nothing is known. */
function Zero({ gaps, count }: { gaps: Gap[]; count: number }) {
  const at = (second: number): string => `${(100 * second) / count}%`
  const edges = [0, ...gaps.flatMap(([from, length]) => [from, from + length]), count]
  return (
    <>
      {edges.slice(1).map((to, index) => to > edges[index]! && <line key={index} class={index % 2 ? 'gl gz sec-gap' : 'gl gz'} x1={at(edges[index]!)} x2={at(to)} y1="50%" y2="50%" />)}
    </>
  )
}

const FILLED = 90 // from so many seconds on bars touch: lines between them would only flicker

function Bars({ out, inward, unit, gaps }: { out: Values; inward: Values; unit: string; gaps: Gap[] }) {
  const most = niceCeil(Math.max(0.1, ...[...out, ...inward].filter(isNumber)))
  const label = decimal(most, most >= 1 ? 0 : 1)
  const width = WIDTH / out.length
  const stroke = (width * (out.length > FILLED ? 1 : 0.75)).toFixed(2)
  return (
    <svg aria-hidden="true">
      <line class="gl" x2="100%" y1="4%" y2="4%" />
      <line class="gl" x2="100%" y1="96%" y2="96%" />
      <svg width="100%" height="100%" viewBox={`0 0 ${WIDTH} 100`} preserveAspectRatio="none">
        <path class="sec-out" stroke-width={stroke} d={bars(out, most, true)} />
        <path class="sec-in" stroke-width={stroke} d={bars(inward, most, false)} />
      </svg>
      <Zero gaps={gaps} count={out.length} />
      <text y="4%" dy="-3">{label} {unit}</text>
      <text y="96%" dy="-3">{label}</text>
    </svg>
  )
}

/** The last minute of some nodes; watches them while it is shown. Other agents' nodes are live on their own pages only. */
export function LiveCard({ nodes, wide, low = false }: { nodes: Node[]; wide: string; low?: boolean }) {
  useWatch(nodes)
  if (ownOf(nodes).length > 0) return <SecondsCard nodes={nodes} quantity={QUANTITIES.rate} span={60} wide={wide} low={low} fill={!low} />
  return (
    <section class={`card ${wide}`}>
      <header><h2>{say.live}</h2></header>
      <Elsewhere nodes={nodes} />
    </section>
  )
}

/** Who of these nodes' agents must be looked at on its own page, and where that is. */
export function Elsewhere({ nodes }: { nodes: Node[] }) {
  const own = ownOf(nodes)
  const others = [...new Set(nodes.filter(node => !own.includes(node)).map(node => node.agent))].sort()
  if (others.length === 0) return null
  return (
    <p class="m soft elsewhere">
      {own.length ? words.live.elsewhereSome : words.live.elsewhere} {words.live.elsewhereLinks}{' '}
      {others.map(agent => <Page key={agent} agent={agent} />)}
    </p>
  )
}

function Page({ agent }: { agent: string }) {
  const url = pageOf(agent)
  return url
    ? <a class="spaced" href={url} rel="noreferrer">{agent}</a>
    : <span class="spaced">{agent} ({words.live.noAddress})</span>
}

/** Watches those of the nodes that are this agent's own. */
export function useWatch(nodes: Node[]): void {
  const names = ownOf(nodes).map(node => node.name).sort().join(' ')
  useEffect(() => watch(names.split(' ').filter(Boolean)), [names])
}
