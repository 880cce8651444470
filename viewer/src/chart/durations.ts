/** Durations as they are drawn: the bars of a histogram, whose steps grow as a logarithm's. Pure. */

import { count, decimal, isNumber, percent } from '../text/numbers.ts'
import { duration } from '../text/times.ts'
import type { Bar } from '../ui/bars.tsx'

/** `[from, to, n]` in seconds: steps of 1, 2, 5, 10 …, so equal bars are a logarithmic axis; the last may have no end. */
export type Step = [from: number, to: number | null, n: number]

export interface Latency { action: string; n: number; p50: number | null; p95: number | null; p99: number | null; step: number; columns: string[]; rows: (number | null)[][]; histogram: Step[] }

const brief = (seconds: number): string => (seconds < 60 ? `${seconds} s` : duration(seconds))

/** `1 to 2 s`, `under 1 s`, `50 s and more` */
export function spanOf(from: number, to: number | null): string {
  if (to === null) return `${brief(from)} and more`
  return from === 0 ? `under ${brief(to)}` : `${brief(from)} to ${brief(to)}`
}

/** All bars up to the last that holds something, also those that hold nothing. */
export function barsOf(histogram: Step[]): Bar[] {
  const total = histogram.reduce((sum, [, , n]) => sum + n, 0)
  return histogram.map(([from, to, n]) => ({
    title: `${spanOf(from, to)}: ${count(n)}, ${percent(total ? (100 * n) / total : null)}`,
    value: n,
    label: String(from),
  }))
}

/** The log counts whole seconds: what is less than one is said so, not as 0. */
export function seconds(value: number | null): string {
  if (!isNumber(value)) return '–'
  return value < 1 ? '< 1 s' : value < 10 ? `${decimal(value, value % 1 ? 1 : 0)} s` : duration(value)
}
