/** The last minutes, second by second, from the live messages: out above the axis, in below it. */

import { useEffect } from 'preact/hooks'
import { isFlowing, seconds, type Second } from '../data/live.ts'
import type { Node } from '../data/model.ts'
import { niceCeil } from '../data/series.ts'
import { now } from '../data/store.ts'
import { watch } from '../data/watch.ts'
import { decimal, mbit } from '../text/numbers.ts'
import { words } from '../text/words.ts'
import { Icon } from '../ui/icons.tsx'

const WIDTH = 240
const say = words.chart

/** Bars of one second as one path a direction: cheap to change every second. */
export function bars(values: number[], most: number, up: boolean): string {
  const width = WIDTH / values.length
  return values
    .map((value, index) => (value > 0 ? `M${((index + 0.5) * width).toFixed(1)} 50v${(((up ? -46 : 46) * value) / most).toFixed(1)}` : ''))
    .join('')
}

interface Quantity { title: string; unit: string; pick: [out: (second: Second) => number, inward: (second: Second) => number]; shown(value: number): string; label(out: string, inward: string): string }

export const QUANTITIES: Record<'rate' | 'pieces', Quantity> = {
  rate: {
    title: say.live, unit: 'Mbit/s', label: say.liveLabel,
    pick: [second => (second.out * 8) / 1e6, second => (second.in * 8) / 1e6],
    shown: value => mbit((value * 1e6) / 8),
  },
  pieces: {
    title: say.livePieces, unit: say.perSecond, label: say.livePiecesLabel,
    pick: [second => second.outPieces, second => second.inPieces],
    shown: value => decimal(value, 1),
  },
}

/** Values of the last whole seconds; the one that runs is not whole yet. */
function last(span: number, end: number, pick: (second: Second) => number): number[] {
  return Array.from({ length: span }, (_, index) => {
    const found = seconds.get(end - span + 1 + index)
    return found ? pick(found) : 0
  })
}

const recent = (values: number[]): number => values.slice(-5).reduce((total, value) => total + value, 0) / 5

interface Props { quantity: Quantity; span: number; wide?: string; low?: boolean; fill?: boolean; title?: string; at?: number }

/** `at`: the second that stands on the right, for a picture that is paused. */
export function SecondsCard({ quantity, span, wide = '', low = false, fill = false, title, at }: Props) {
  const end = Math.floor(at ?? now.value) - 1
  const [out, inward] = quantity.pick.map(pick => last(span, end, pick)) as [number[], number[]]
  const [nowOut, nowIn] = [quantity.shown(recent(out)), quantity.shown(recent(inward))]
  return (
    <section class={`card ${wide} ${fill ? 'fill' : ''}`}>
      <figure class="chart">
        <figcaption>
          <h2 title={say.liveSub}>{title ?? quantity.title}</h2>
          <span class="grow" />
          <span class="m nb">
            <span class="c-out"><Icon name="up" /> {nowOut}</span>{' '}
            <span class="c-in"><Icon name="down" /> {nowIn}</span> <span class="faint">{quantity.unit}</span>
          </span>
        </figcaption>
        {isFlowing.value ? (
          <div class={low ? 'plot low' : 'plot'} role="img" aria-label={quantity.label(nowOut, nowIn)}>
            <Bars out={out} inward={inward} unit={quantity.unit} />
          </div>
        ) : <div class={low ? 'plot low none' : 'plot none'}><p class="m soft">{say.liveWaiting}</p></div>}
        <Axis span={span} />
      </figure>
    </section>
  )
}

/** Five labels from the past to now. */
function Axis({ span }: { span: number }) {
  const labels = [1, 0.75, 0.5, 0.25].map((share, index) => `−${Math.round(span * share)}${index ? '' : ' s'}`)
  return <div class="xax" aria-hidden="true">{[...labels, say.now].map(label => <span key={label}>{label}</span>)}</div>
}

function Bars({ out, inward, unit }: { out: number[]; inward: number[]; unit: string }) {
  const most = niceCeil(Math.max(...out, ...inward, 0.1))
  const label = decimal(most, most >= 1 ? 0 : 1)
  const thick = out.length > 90 ? 'sec-thin' : ''
  return (
    <svg aria-hidden="true">
      <line class="gl" x2="100%" y1="4%" y2="4%" />
      <line class="gl" x2="100%" y1="96%" y2="96%" />
      <svg width="100%" height="100%" viewBox={`0 0 ${WIDTH} 100`} preserveAspectRatio="none">
        <path class={`sec-out ${thick}`} d={bars(out, most, true)} />
        <path class={`sec-in ${thick}`} d={bars(inward, most, false)} />
      </svg>
      <line class="gl gz" x2="100%" y1="50%" y2="50%" />
      <text y="4%" dy="-3">{label} {unit}</text>
      <text y="96%" dy="-3">{label}</text>
    </svg>
  )
}

/** The last minute of some nodes; watches them while it is shown. */
export function LiveCard({ nodes, wide, low = false }: { nodes: Node[]; wide: string; low?: boolean }) {
  useWatch(nodes)
  return <SecondsCard quantity={QUANTITIES.rate} span={60} wide={wide} low={low} fill={!low} />
}

/** One node by its name; several: all of this agent, as names of other hosts are not its own. */
export function useWatch(nodes: Node[]): void {
  const names = nodes.map(node => node.name).join(' ')
  useEffect(() => watch(nodes.length === 1 ? [nodes[0]!.name] : 'all'), [names])
}
