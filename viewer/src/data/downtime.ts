/**
 * What an absence costs in online score (agent/docs/storagenode.md §6): the mean over windows of 12 hours in the last
 * 30 days, the running window left out. Windows without an audit do not count. Pure; an estimate, and said to be one.
 */

import { isNumber } from '../text/numbers.ts'
import { DAY, HOUR } from '../text/times.ts'
import type { Window } from './windows.ts'

const WINDOW = 12 * HOUR
const KEPT = 30 * DAY

export const GOOD = 95
export const LIMIT = 60

/** Percent; null while no window is known. */
export function scoreOf(windows: Window[]): number | null {
  const shares = windows.flatMap(({ share }) => (isNumber(share) ? [share] : []))
  return shares.length ? (100 * shares.reduce((sum, share) => sum + share, 0)) / shares.length : null
}

/** The windows as they would be when an absence that begins at `from` is over: it answers nothing, the rest all. */
export function afterAbsence(windows: Window[], from: number, hours: number): Window[] {
  const until = from + hours * HOUR
  const last = Math.max(from, ...windows.map(window => window.start + WINDOW))
  const first = Math.floor(Math.min(from, last) / WINDOW) * WINDOW
  const added: Window[] = []
  for (let start = first; start < until; start += WINDOW) {
    const gone = Math.max(0, Math.min(until, start + WINDOW) - Math.max(from, start))
    added.push({ start, share: 1 - gone / WINDOW })
  }
  const end = first + added.length * WINDOW
  const before = windows.filter(window => !added.some(one => one.start === window.start))
  return [...before, ...added].filter(window => window.start >= end - KEPT)
}

/** The score right after an absence, in percent. */
export const scoreAfter = (windows: Window[], from: number, hours: number): number | null =>
  windows.length ? scoreOf(afterAbsence(windows, from, hours)) : null

/** Whole hours one can be away before the score falls below `limit`; null while it is not known. */
export function hoursUntil(windows: Window[], from: number, limit: number): number | null {
  const fits = (hours: number): boolean => (scoreAfter(windows, from, hours) ?? 0) >= limit
  if (windows.length === 0) return null
  let low = 0
  let high = KEPT / HOUR
  if (!fits(1)) return 0
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (fits(middle)) low = middle
    else high = middle
  }
  return low
}

export interface Quiet { weekday: number; hour: number; rate: number }

/** Local hours of the week with the least traffic, `hours` long: from hourly means. */
export function quietest(t: number[], rates: (number | null)[], hours: number): Quiet | null {
  const known = t.map((at, index) => ({ at, rate: rates[index] })).filter((one): one is { at: number; rate: number } => isNumber(one.rate))
  let found: { at: number; rate: number } | null = null
  for (let first = 0; first + hours <= known.length; first++) {
    const span = known.slice(first, first + hours)
    if (span.at(-1)!.at - span[0]!.at !== (hours - 1) * HOUR) continue
    const rate = span.reduce((sum, one) => sum + one.rate, 0) / hours
    if (!found || rate < found.rate) found = { at: span[0]!.at, rate }
  }
  if (!found) return null
  const date = new Date(found.at * 1000)
  return { weekday: date.getDay(), hour: date.getHours(), rate: found.rate }
}
