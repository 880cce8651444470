/** When the disk is full: measured solid, expected dashed, with its range. */

import { useState } from 'preact/hooks'
import { forecastDrawing, monthMarks, type Forecast, type ForecastDrawing, type Point } from '../../chart/forecast.ts'
import { ask, nodeArgs } from '../../data/agent.ts'
import { useResource } from '../../data/resource.ts'
import { calmNow } from '../../data/store.ts'
import { isNumber, roundSize, size, sizeChange } from '../../text/numbers.ts'
import { DAY, day, fullDay, monthAndYear, roughly, shortMonth } from '../../text/times.ts'
import { nodeWords } from '../../text/node.ts'
import { words } from '../../text/words.ts'
import { ChartFrame, NoPicture } from '../../ui/chart.tsx'
import { useMarked } from '../../ui/marked.tsx'
import { Skeleton } from '../../ui/parts.tsx'
import { Q } from '../../ui/why.tsx'
import type { SectionProps } from './section.tsx'

const say = nodeWords.forecast

export function ForecastCard({ node, happenings }: SectionProps) {
  const [tried] = useState(0)
  const marked = useMarked(node, happenings)
  const answer = useResource(`forecast ${node.key} ${tried}`, 300, () => ask<Forecast>('forecast', nodeArgs(node)))
  const found = answer.value
  const now = calmNow.value
  const drawing = found && forecastDrawing(found, Math.floor(now))
  const rows = found?.rows ?? []
  const sheet = { name: `${node.name}-used`, head: ['day', 'used_bytes'], rows: rows.map(([t, used]) => [new Date(t * 1000).toISOString(), used]) }
  return (
    <section class="card w5 fill">
      <ChartFrame title={<Q topic="full" at={node.state.ts}>{say.head}</Q>} sheet={found && sheet} shown={rows.map(([t, used]) => [fullDay(t), size(used)]).reverse()} shownHead={[say.day, say.used]}>
        {!found ? (answer.error ? <NoPicture>{words.tables.failed(answer.error)}</NoPicture> : <Skeleton lines={3} />)
          : !drawing || rows.length < 2 ? <NoPicture>{say.none}</NoPicture>
          : (
            <>
              <p class="ans">{answerOf(found, now)}</p>
              <p class="s faint">{belowOf(found, now)}</p>
              <Drawn drawing={drawing} label={say.label(answerOf(found, now))}>{marked.over({ from: drawing.from, to: drawing.to })}</Drawn>
            </>
          )}
      </ChartFrame>
      {marked.below}
    </section>
  )
}

const MONTHS = 120 * DAY

/** A date only where it is narrow enough to mean one. */
export function answerOf({ full_at: { likely, earliest, latest }, slope_per_day, free }: Forecast, now: number): string {
  if (free !== null && free <= 0) return say.full
  if (!isNumber(slope_per_day)) return say.unknown
  if (!isNumber(likely)) return slope_per_day <= 0 ? say.never : say.far
  const narrow = isNumber(earliest) && isNumber(latest) && latest - earliest < 2 * MONTHS
  return narrow ? say.on(fullDay(likely)) : say.in(roughly(likely - now))
}

function belowOf({ full_at: { earliest, latest }, slope_per_day, history_days }: Forecast, now: number): string {
  const range = isNumber(earliest) ? (isNumber(latest) ? say.between(roughly(earliest - now), roughly(latest - now)) : say.earliest(roughly(earliest - now))) : ''
  const pace = isNumber(slope_per_day) ? say.pace(sizeChange(slope_per_day)) : ''
  return [range, pace, isNumber(history_days) ? say.history(Math.round(history_days)) : ''].filter(Boolean).join(' · ')
}

const WIDTH = 1000
const HEIGHT = 200

function Drawn({ drawing, label, children }: { drawing: ForecastDrawing; label: string; children: preact.ComponentChildren }) {
  const { from, to, low, high, measured, likely, band, grid, limit, now, full } = drawing
  const x = (t: number): number => (t - from) / (to - from)
  const y = (value: number): number => 1 - (value - low) / (high - low)
  const path = (points: Point[]): string => points.map(({ t, value }, index) => `${index ? 'L' : 'M'}${(x(t) * WIDTH).toFixed(1)} ${(y(value) * HEIGHT).toFixed(1)}`).join('')
  const share = (value: number): string => `${(value * 100).toFixed(2)}%`
  const times = monthMarks(from, to, innerWidth < 600 ? 4 : 6, (at, january) => (january ? monthAndYear(at) : shortMonth(at)))
  return (
    <div class="plot-box">
      <div class="plot svg-plot" role="img" aria-label={label} tabIndex={0}>
        <svg aria-hidden="true">
          {grid.map(value => <line class="gl" key={value} x2="100%" y1={share(y(value))} y2={share(y(value))} />)}
          <svg width="100%" height="100%" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none">
            {band.length > 0 && <path class="a-band" d={`${path(band)}Z`} />}
            <path class="l-x" d={path(measured)} />
            {likely.length > 0 && <path class="l-x l-dash" d={path(likely)} />}
            {limit !== null && <path class="l-x lim" d={path([{ t: from, value: limit }, { t: to, value: limit }])} />}
          </svg>
          {grid.map((value, index) => (limit !== null && Math.abs(y(value) - y(limit)) < 0.08 ? null : <text key={value} y={share(y(value))} dy={-4}>{index === grid.length - 1 ? size(value) : size(value).replace(/ .*/, '')}</text>))}
          {limit !== null && <text y={share(y(limit))} dy={-5}>{say.allocated(roundSize(limit))}</text>}
          <circle class="dot" cx={share(x(now.t))} cy={share(y(now.value))} r="4" />
          <text x={share(x(now.t))} y={share(y(now.value))} dx={8} dy={15}>{say.today}</text>
          {full && <circle class="dot o" cx={share(x(full.t))} cy={share(y(full.value))} r="4" />}
          {full && <text x={share(x(full.t))} y={share(y(full.value))} dx={x(full.t) > 0.85 ? -8 : 8} dy={18} text-anchor={x(full.t) > 0.85 ? 'end' : 'start'}>{day(full.t)}</text>}
        </svg>
      </div>
      {children}
      <div class="time-axis" aria-hidden="true">{times.map(({ at, label }) => <span key={at} style={{ left: share(x(at)) }}>{label}</span>)}</div>
    </div>
  )
}
