/** The last minute, second by second, from the live messages. */

import { useEffect } from 'preact/hooks'
import { liveVersion, seconds, type Second } from '../data/live.ts'
import type { Node } from '../data/model.ts'
import { niceCeil } from '../data/series.ts'
import { now } from '../data/store.ts'
import { watch } from '../data/watch.ts'
import { decimal, mbit } from '../text/numbers.ts'
import { words } from '../text/words.ts'
import { FlowLegend } from '../ui/chart.tsx'
import { Icon } from '../ui/icons.tsx'

const SHOWN = 60
const WIDTH = 240
const say = words.chart

/** Bars of one second as one path a direction: cheap to change every second. */
export function bars(values: number[], most: number, up: boolean): string {
  const width = WIDTH / values.length
  return values
    .map((value, index) => (value > 0 ? `M${((index + 0.5) * width).toFixed(1)} 50v${(((up ? -46 : 46) * value) / most).toFixed(1)}` : ''))
    .join('')
}

function lastMinute(pick: (second: Second) => number): number[] {
  // the second that runs is not whole yet
  const end = Math.floor(now.value) - 1
  return Array.from({ length: SHOWN }, (_, index) => {
    const found = seconds.get(end - SHOWN + 1 + index)
    return found ? pick(found) : 0
  })
}

const recent = (values: number[]): number => values.slice(-5).reduce((total, value) => total + value, 0) / 5

export function LiveCard({ nodes, wide, low = false }: { nodes: Node[]; wide: string; low?: boolean }) {
  const names = nodes.map(node => node.name).join(' ')
  useEffect(() => watch(nodes.length === 1 ? [nodes[0]!.name] : 'all'), [names])
  liveVersion.value
  const out = lastMinute(second => second.out)
  const inward = lastMinute(second => second.in)
  const most = niceCeil(Math.max(...out, ...inward, 1) * 8 / 1e6)
  const nothing = seconds.size === 0
  return (
    <section class={`card ${wide} ${low ? '' : 'fill'}`}>
      <figure class="chart">
        <figcaption>
          <h2 title={say.liveSub}>{say.live}</h2>
          <span class="grow" />
          <span class="m nb">
            <span class="c-out"><Icon name="up" /> {mbit(recent(out))}</span>{' '}
            <span class="c-in"><Icon name="down" /> {mbit(recent(inward))}</span> <span class="faint">Mbit/s</span>
          </span>
        </figcaption>
        {nothing ? <div class={low ? 'plot low none' : 'plot none'}><p class="m soft">{say.liveWaiting}</p></div> : (
          <div class={low ? 'plot low' : 'plot'} role="img" aria-label={say.liveLabel(mbit(recent(out)), mbit(recent(inward)))}>
            <LiveBars out={out} inward={inward} most={most} />
          </div>
        )}
        <div class="xax" aria-hidden="true"><span>−60 s</span><span>−45</span><span>−30</span><span>−15</span><span>{say.now}</span></div>
      </figure>
      <span class="vh"><FlowLegend /></span>
    </section>
  )
}

function LiveBars({ out, inward, most }: { out: number[]; inward: number[]; most: number }) {
  const bytes = (most * 1e6) / 8
  const label = decimal(most, most >= 1 ? 0 : 2)
  return (
    <svg aria-hidden="true">
      <line class="gl" x2="100%" y1="4%" y2="4%" />
      <line class="gl" x2="100%" y1="96%" y2="96%" />
      <svg width="100%" height="100%" viewBox={`0 0 ${WIDTH} 100`} preserveAspectRatio="none">
        <path class="sec-out" d={bars(out, bytes, true)} />
        <path class="sec-in" d={bars(inward, bytes, false)} />
      </svg>
      <line class="gl gz" x2="100%" y1="50%" y2="50%" />
      <text y="4%" dy="-3">{label} Mbit/s</text>
      <text y="96%" dy="-3">{label}</text>
    </svg>
  )
}
