/** When a disk is full, as a drawing: what was measured is solid, what is expected is dashed, between its bounds. Pure. */

import { niceCeil } from '../data/series.ts'
import { isNumber } from '../text/numbers.ts'
import { DAY } from '../text/times.ts'

/** The answer of the command `forecast`: bytes, bytes per day, epoch seconds. */
export interface Forecast {
  free: number | null; used: number | null; allocated: number | null
  slope_per_day: number | null; slope_low: number | null; slope_high: number | null; history_days: number | null
  full_at: { likely: number | null; earliest: number | null; latest: number | null }
  rows: [t: number, used: number][]
}

export interface Point { t: number; value: number }

export interface ForecastDrawing {
  from: number
  to: number
  low: number
  high: number
  measured: Point[]
  /** From now to where the disk is full or the picture ends. */
  likely: Point[]
  /** The corner now, then the end of the quick and of the slow pace. */
  band: Point[]
  grid: number[]
  limit: number | null
  now: Point
  /** Where the likely pace reaches the limit within the picture. */
  full: Point | null
}

const SHORTEST = 30 * DAY
const LONGEST = 730 * DAY

/** Null while the used space or its growth is not known: then only a line can be drawn. */
export function forecastDrawing({ used, allocated, slope_per_day, slope_low, slope_high, rows, full_at }: Forecast, now: number): ForecastDrawing | null {
  if (!isNumber(used)) return null
  const measured = [...rows.map(([t, value]) => ({ t, value })), { t: now, value: used }]
  const from = measured[0]!.t
  const known = Math.max(SHORTEST, now - from)
  // as far ahead as the disk lasts, so that the end is seen; else as far as was looked back
  const ahead = isNumber(full_at.likely) && full_at.likely - now <= LONGEST ? (full_at.likely - now) * 1.25 : known
  const to = now + Math.max(SHORTEST, Math.min(LONGEST, ahead))
  const limit = isNumber(allocated) ? allocated : null
  const at = (perDay: number): Point => reach({ t: now, value: used }, perDay, to, limit)
  const likely = isNumber(slope_per_day) ? [{ t: now, value: used }, at(slope_per_day)] : []
  const paces = [slope_high, slope_low].filter(isNumber)
  const band = paces.length === 2 ? [{ t: now, value: used }, ...corner(at(paces[0]!), at(paces[1]!), to)] : []
  const inside = [...measured, ...likely, ...band].map(({ value }) => value)
  // the limit belongs into the picture once something comes near it
  const near = limit !== null && Math.max(...inside) > limit * 0.75
  const [bottom, top] = [Math.min(...inside), Math.max(...inside, ...(near ? [limit] : []))]
  const step = niceCeil(Math.max((top - bottom) / 4, top * 1e-3, 1))
  const low = Math.max(0, Math.floor(bottom / step) * step)
  const high = Math.ceil(top / step + 0.15) * step
  const grid = Array.from({ length: Math.round((high - low) / step) }, (_, index) => low + index * step)
  const end = likely[1]
  const full = end && limit !== null && near && end.value >= limit * 0.9999 ? end : null
  return { from, to, low, high, measured, likely, band, grid, limit: near ? limit : null, now: { t: now, value: used }, full }
}

/** Where a pace leads: up to the limit, to nothing, or to the end of the picture. */
function reach(start: Point, perDay: number, to: number, limit: number | null): Point {
  const value = start.value + (perDay * (to - start.t)) / DAY
  if (limit !== null && value > limit && start.value < limit) return { t: start.t + ((limit - start.value) / perDay) * DAY, value: limit }
  return { t: to, value: Math.max(0, value) }
}

/** The far side of the band: where the quick pace meets the limit before the end, the limit goes on as its edge. */
function corner(quick: Point, slow: Point, to: number): Point[] {
  return quick.t < to && slow.t >= to && slow.value < quick.value ? [quick, { t: to, value: quick.value }, slow] : [quick, slow]
}

/** First days of months within, `most` at most; January says its year. */
export function monthMarks(from: number, to: number, most: number, label: (at: number, january: boolean) => string): { at: number; label: string }[] {
  const marks: { at: number; label: string }[] = []
  const first = new Date(from * 1000)
  for (let month = first.getMonth() + 1; ; month++) {
    const date = new Date(first.getFullYear(), month, 1)
    const at = date.getTime() / 1000
    if (at >= to) break
    marks.push({ at, label: label(at, date.getMonth() === 0) })
  }
  const every = Math.ceil(marks.length / most)
  return marks.filter((_, index) => index % every === 0)
}
