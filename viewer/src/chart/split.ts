/** Traffic taken apart: several lines, out above the axis and in below it. Pure. */

import { niceCeil, type Series } from '../data/series.ts'
import { decimal, isNumber } from '../text/numbers.ts'
import { framed, type Frame } from './flow.ts'
import type { Drawing } from './plot.ts'

export interface SplitLine {
  key: string
  name: string
  /** A class of the style sheet. */
  tone: string
  /** Drawn below the axis: what comes in. */
  below: boolean
}

/** `factor` makes the values of the series those of `unit`. */
export function splitDrawing(series: Series, lines: SplitLine[], unit: string, factor: number, frame: Frame): Omit<Drawing, 'point'> {
  const scaled = lines.map(({ key, below }) => (series.values[key] ?? []).map(value => (isNumber(value) ? (below ? -value : value) * factor : null)))
  const known = scaled.flat().filter(isNumber)
  const [top, bottom] = [Math.max(0, ...known), Math.min(0, ...known)]
  const step = niceCeil(Math.max(top, -bottom) / 3)
  const high = Math.max(step, Math.ceil(top / step - 1e-9) * step)
  const low = bottom < 0 ? Math.min(-step, Math.floor(bottom / step + 1e-9) * step) : 0
  const digits = step >= 1 ? 0 : Math.min(4, Math.ceil(-Math.log10(step)))
  const grid: Drawing['grid'] = []
  for (let at = low; at <= high + step / 2; at += step) {
    const label = Math.abs(at) < step / 2 ? '' : decimal(Math.abs(at), digits)
    grid.push({ at, label: at > high - step / 2 ? `${label} ${unit}` : label })
  }
  return {
    t: series.t.map(start => start + series.step / 2),
    lines: lines.map(({ tone }, index) => ({ tone, values: scaled[index]!, area: false })),
    ...framed(frame), low, high, grid,
  }
}
