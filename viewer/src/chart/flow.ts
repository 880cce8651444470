/** Traffic as a drawing: out above the axis, in below it, one scale. Pure. */

import { niceCeil, timeMarks, type Series } from '../data/series.ts'
import { decimal, isNumber } from '../text/numbers.ts'
import type { Drawing } from './plot.ts'

export const MBIT = 8 / 1e6

export interface Frame {
  from: number
  to: number
  /** Labels of the time axis at most. */
  most: number
  /** What the right end is called, and how much of the width half that word takes. */
  now: string
  edge: number
}

const top = (values: (number | null)[]): number => Math.max(0, ...values.filter(isNumber))

/** Bytes per second in, Mbit/s out. */
export function flowDrawing(series: Series, outKey: string, inKey: string, unit: string, frame: Frame): Omit<Drawing, 'point'> {
  const out = (series.values[outKey] ?? []).map(value => (isNumber(value) ? value * MBIT : null))
  const inward = (series.values[inKey] ?? []).map(value => (isNumber(value) ? -value * MBIT : null))
  const most = Math.max(top(out), top(inward.map(value => (isNumber(value) ? -value : null))))
  const step = niceCeil(most / 3)
  const high = Math.max(step, Math.ceil(top(out) / step - 1e-9) * step)
  const low = -Math.max(step, Math.ceil(top(inward.map(value => (isNumber(value) ? -value : null))) / step - 1e-9) * step)
  return {
    t: series.t.map(start => start + series.step / 2),
    lines: [
      { tone: 'a-out', values: out, area: true },
      { tone: 'a-in', values: inward, area: true },
    ],
    ...framed(frame),
    low,
    high,
    grid: gridOf(low, high, step, unit),
  }
}

function gridOf(low: number, high: number, step: number, unit: string): Drawing['grid'] {
  const digits = step >= 1 ? 0 : Math.min(4, Math.ceil(-Math.log10(step)))
  const grid: Drawing['grid'] = []
  for (let at = low; at <= high + step / 2; at += step) {
    const label = Math.abs(at) < step / 2 ? '' : decimal(Math.abs(at), digits)
    grid.push({ at, label: at > high - step / 2 ? `${label} ${unit}` : label })
  }
  return grid
}

/** The sideways part of a drawing. */
export const framed = (frame: Frame): Pick<Drawing, 'from' | 'to' | 'times'> => ({ from: frame.from, to: frame.to, times: marksWithNow(frame) })

/** A frame for this screen. */
export function frameOf(from: number, to: number, now: string): Frame {
  const narrow = innerWidth < 600
  return { from, to, now, most: narrow ? 4 : 7, edge: narrow ? 0.045 : 0.018 }
}

/** The ends of the range are spelled out; what would touch them is left out. */
function marksWithNow({ from, to, most, now, edge }: Frame): Drawing['times'] {
  const span = to - from
  const inner = timeMarks(from, to, most).filter(({ at }) => at < to - span * (0.7 / most) && at > from + span * (0.35 / most))
  return [...inner, { at: to - span * edge, label: now }]
}
