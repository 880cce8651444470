/** History as it is drawn and listed. Pure. */

import { isNumber } from '../text/numbers.ts'
import { words } from '../text/words.ts'
import { clock, day, DAY, HOUR, localCeil, MINUTE, monthAndYear, weekdayAndTime } from '../text/times.ts'

type Cell = number | null

/** The answer of the command `history`: `t` = start of the bin, then one column a metric; null = not known. */
export interface History { step: number; columns: string[]; rows: Cell[][] }

export interface Series { step: number; t: number[]; values: Record<string, Cell[]>; /** how many nodes each bin knows */ known: number[] }

export interface Range { id: string; label: string; seconds: number; step: number }

export const RANGES: Range[] = [
  { id: '5m', label: words.ranges.minutes, seconds: 5 * MINUTE, step: MINUTE },
  { id: '1h', label: words.ranges.hour, seconds: HOUR, step: MINUTE },
  { id: '24h', label: words.ranges.day, seconds: DAY, step: 5 * MINUTE },
  { id: '7d', label: words.ranges.week, seconds: 7 * DAY, step: HOUR },
  { id: '30d', label: words.ranges.month, seconds: 30 * DAY, step: 6 * HOUR },
  { id: '1y', label: words.ranges.year, seconds: 365 * DAY, step: DAY },
  // as many days as one answer holds rows
  { id: 'all', label: words.ranges.all, seconds: 1990 * DAY, step: DAY },
]

/** Adds several nodes up, bin by bin; a bin nobody knows stays null. */
export function sumHistories(list: History[], keys: string[]): Series {
  const step = Math.max(1, ...list.map(one => one.step))
  const bins = new Map<number, { sums: Cell[]; known: number }>()
  for (const one of list) {
    const at = keys.map(key => one.columns.indexOf(key))
    for (const row of one.rows) addRow(bins, row, at)
  }
  const t = [...bins.keys()].sort((a, b) => a - b)
  return {
    step, t,
    values: Object.fromEntries(keys.map((key, index) => [key, t.map(time => bins.get(time)!.sums[index] ?? null)])),
    known: t.map(time => bins.get(time)!.known),
  }
}

function addRow(bins: Map<number, { sums: Cell[]; known: number }>, row: Cell[], columns: number[]): void {
  const time = row[0]
  if (!isNumber(time)) return
  const bin = bins.get(time) ?? { sums: columns.map(() => null), known: 0 }
  bins.set(time, bin)
  let some = false
  columns.forEach((column, index) => {
    const value = column > 0 ? row[column] : null
    if (!isNumber(value)) return
    bin.sums[index] = (bin.sums[index] ?? 0) + value
    some = true
  })
  if (some) bin.known++
}

/** Rows of t, share, weight of several nodes → their mean share by weight, bin by bin. */
export function weighted(list: History[]): Cell[] {
  const products = list.map(({ step, rows }) => ({
    step,
    columns: ['t', 'part', 'all'],
    rows: rows.map(([t, share, weight]) => (isNumber(share) && isNumber(weight) ? [t!, share * weight, weight] : [t!, null, null])),
  }))
  const { t, values } = sumHistories(products, ['part', 'all'])
  return t.map((_, index) => (values['all']![index] ? values['part']![index]! / values['all']![index]! : null))
}

/** Without the empty bins before the first known one. */
export function trimmed(series: Series): Series {
  const first = series.known.findIndex(n => n > 0)
  if (first <= 0) return first === 0 ? series : { ...series, t: [], known: [], values: mapValues(series.values, () => []) }
  return { ...series, t: series.t.slice(first), known: series.known.slice(first), values: mapValues(series.values, list => list.slice(first)) }
}

const mapValues = (values: Record<string, Cell[]>, change: (list: Cell[]) => Cell[]): Record<string, Cell[]> =>
  Object.fromEntries(Object.entries(values).map(([key, list]) => [key, change(list)]))

export const isEmpty = (series: Series): boolean => !series.known.some(n => n > 0)

/** The next of 1, 2, 5 × 10ⁿ that is not below `value`. */
export function niceCeil(value: number): number {
  if (!(value > 0)) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  const found = [1, 2, 5, 10].find(step => value <= step * power * 1.0000001) ?? 10
  return found * power
}

const STEPS = [MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 5 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 61 * DAY, 91 * DAY, 182 * DAY, 365 * DAY]

export interface Mark { at: number; label: string }

/** Labels of a time axis: whole local times, `most` at most. */
export function timeMarks(from: number, to: number, most: number): Mark[] {
  const step = STEPS.find(one => (to - from) / one <= most) ?? STEPS.at(-1)!
  const marks: Mark[] = []
  for (let at = localCeil(from, step); at <= to; at += step) marks.push({ at, label: labelOf(at, step, marks.length === 0) })
  return marks
}

function labelOf(at: number, step: number, first: boolean): string {
  if (step >= 30 * DAY) return monthAndYear(at)
  if (step >= DAY) return day(at)
  return first || localCeil(at, DAY) === at ? weekdayAndTime(at) : clock(at)
}

/** RFC 4180; a cell that a spreadsheet would take for a formula gets an apostrophe. */
export function csv(head: string[], rows: (string | number | null)[][]): string {
  const cell = (value: string | number | null): string => {
    if (value === null) return ''
    const text = typeof value === 'string' && /^[=+\-@\t]/.test(value) ? `'${value}` : String(value)
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }
  return [head, ...rows].map(row => row.map(cell).join(',')).join('\r\n') + '\r\n'
}
