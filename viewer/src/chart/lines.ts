/** Lines of one quantity, each from its own place: a node, a satellite. One may be the one that is looked at. Pure. */

import { niceCeil, type Series } from '../data/series.ts'
import { isNumber } from '../text/numbers.ts'
import { framed, type Frame } from './flow.ts'
import type { Drawing } from './plot.ts'

export interface Look {
  /** Traffic and counts begin at 0; a disk and a score never do. */
  zero: boolean
  /** What no value can be above, as 100% of a share. */
  most?: number
  /** No grid line between two whole numbers. */
  whole?: boolean
  label(value: number): string
  /** The line in front; the others are grey. Null: all alike. */
  front: string | null
}

export function lineDrawing(series: Series, keys: string[], look: Look, frame: Frame): Omit<Drawing, 'point'> {
  const known = keys.flatMap(key => (series.values[key] ?? []).filter(isNumber))
  const { low, high, step } = rangeOf(known, look)
  const grid: Drawing['grid'] = []
  for (let at = low; at <= high + step / 2; at += step) grid.push({ at, label: look.label(Math.round(at / step) * step) })
  const ordered = [...keys].sort((a, b) => Number(a === look.front) - Number(b === look.front))
  return {
    t: series.t.map(start => start + series.step / 2),
    lines: ordered.map(key => ({ tone: look.front === null || key === look.front ? 'l-front' : 'l-back', values: series.values[key] ?? [], area: false })),
    ...framed(frame),
    low,
    high,
    grid,
  }
}

const LINES = 4 // of the grid, about

/** Whole steps around what is known. */
export function rangeOf(known: number[], { zero, most, whole }: Pick<Look, 'zero' | 'most' | 'whole'>): { low: number; high: number; step: number } {
  const top = Math.max(...(known.length ? known : [1]))
  const bottom = zero ? 0 : Math.min(...(known.length ? known : [0]))
  const step = niceCeil(Math.max((top - bottom) / LINES, Math.abs(top) * 1e-4, whole ? 1 : 1e-9))
  const low = Math.floor(bottom / step + 1e-9) * step
  let high = Math.max(low + step, Math.ceil(top / step - 1e-9) * step)
  if (most !== undefined && high > most && top <= most) high = most
  return low < high ? { low, high, step } : { low: high - step, high, step }
}
