/** Durations as they are drawn: the bars of a histogram, whose steps grow as a logarithm's. Pure. */

import { count, decimal, isNumber, percent } from '../text/numbers.ts'
import { DAY, duration } from '../text/times.ts'
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

/** Within how many seconds 95% were done in the last day and before it, each hour by its weight; null where one side has nothing. */
export function sidesOf({ rows, columns }: Pick<Latency, 'rows' | 'columns'>, now: number): { last: number; before: number } | null {
  const [t, n, p95] = ['t', 'n', 'p95'].map(name => columns.indexOf(name)) as [number, number, number]
  const mean = (fits: (at: number) => boolean): number | null => {
    const known = rows.filter(row => isNumber(row[t]) && fits(row[t]) && isNumber(row[p95]) && isNumber(row[n]) && row[n] > 0)
    const weight = known.reduce((sum, row) => sum + row[n]!, 0)
    return weight ? known.reduce((sum, row) => sum + row[p95]! * row[n]!, 0) / weight : null
  }
  const [last, before] = [mean(at => at >= now - DAY), mean(at => at < now - DAY)]
  return last === null || before === null ? null : { last, before }
}
