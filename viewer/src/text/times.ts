/** Times and durations as people read them. Times are epoch seconds; days of accounts are UTC and say so. */

import { DASH, isNumber, type Maybe } from './numbers.ts'
import { some, words } from './words.ts'

export const MINUTE = 60
export const HOUR = 3600
export const DAY = 86400
const MONTH = 30.44 * DAY
const YEAR = 365.25 * DAY

const formats = new Map<string, Intl.DateTimeFormat>()

function dated(seconds: number, options: Intl.DateTimeFormatOptions): string {
  const key = JSON.stringify(options)
  let found = formats.get(key)
  if (!found) formats.set(key, (found = new Intl.DateTimeFormat(undefined, options)))
  return found.format(seconds * 1000)
}

const STEPS: [seconds: number, unit: string][] = [
  [DAY, 'd'],
  [HOUR, 'h'],
  [MINUTE, 'min'],
  [1, 's'],
]

/** `26 h 40 min`: two units at most, and days only from two on. */
export function duration(seconds: Maybe): string {
  if (!isNumber(seconds)) return DASH
  const whole = Math.max(0, Math.round(seconds))
  const first = STEPS.findIndex(([size], index) => (index === 0 ? whole >= 2 * DAY : whole >= size))
  if (first === -1) return '0 s'
  const [size, unit] = STEPS[first]!
  const [nextSize, nextUnit] = STEPS[first + 1] ?? [0, '']
  const rest = nextSize ? Math.floor((whole % size) / nextSize) : 0
  const main = `${Math.floor(whole / size)} ${unit}`
  // seconds beside minutes say nothing after an hour's quarter
  return rest && !(unit === 'min' && whole >= 15 * MINUTE) ? `${main} ${rest} ${nextUnit}` : main
}

/** `41 days`, `6 months`: one unit, for what is only about true. */
export function roughly(seconds: Maybe): string {
  if (!isNumber(seconds)) return DASH
  if (seconds < HOUR) return some(Math.max(1, Math.round(seconds / MINUTE)), words.times.minute)
  if (seconds < 2 * DAY) return some(Math.round(seconds / HOUR), words.times.hour)
  if (seconds < 60 * DAY) return some(Math.round(seconds / DAY), words.times.day)
  if (seconds < 2 * YEAR) return some(Math.round(seconds / MONTH), words.times.month)
  return some(Math.round(seconds / YEAR), words.times.year)
}

/** `5 mo`, `6 d`, `> 1 y` for tables. */
export function briefly(seconds: Maybe): string {
  if (!isNumber(seconds)) return DASH
  if (seconds > YEAR) return words.times.overAYear
  return seconds >= 60 * DAY ? `${Math.round(seconds / MONTH)} mo` : `${Math.round(seconds / DAY)} d`
}

/** `4 s ago`; from a day on the date. */
export function ago(at: Maybe, now: number): string {
  if (!isNumber(at)) return DASH
  const past = now - at
  return past >= 1 && past < DAY ? words.times.ago(age(at, now)) : age(at, now)
}

/** `4 s`; from a day on the date. */
export function age(at: Maybe, now: number): string {
  if (!isNumber(at)) return DASH
  const past = now - at
  if (past >= DAY) return dayAndTime(at)
  if (past < 1) return words.times.now
  return past < MINUTE ? duration(Math.floor(past)) : duration(past < HOUR ? past - (past % MINUTE) : past)
}

/** `09:41` */
export const clock = (at: number): string => dated(at, { hour: '2-digit', minute: '2-digit' })
/** `09:41:07` */
export const clockSeconds = (at: number): string => dated(at, { hour: '2-digit', minute: '2-digit', second: '2-digit' })
/** `Mon 23 Nov 2026, 09:41` */
export const headline = (at: number): string =>
  dated(at, { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' })
/** `Sun 18:10` */
export const weekdayAndTime = (at: number): string => dated(at, { weekday: 'short', hour: '2-digit', minute: '2-digit' })
/** `12 Nov` */
export const day = (at: number): string => dated(at, { day: 'numeric', month: 'short' })
/** `12 Nov 2026` */
export const fullDay = (at: number): string => dated(at, { day: 'numeric', month: 'short', year: 'numeric' })
/** `Nov 2026` */
export const monthAndYear = (at: number): string => dated(at, { month: 'short', year: 'numeric' })
/** `Nov` */
export const shortMonth = (at: number): string => dated(at, { month: 'short' })
/** `12 Nov, 09:41` */
export const dayAndTime = (at: number): string =>
  dated(at, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
/** `Thu 03:00` of any week; `weekday` as Date counts, local. */
export function weekdayHour(weekday: number, hour: number): string {
  const date = new Date(2026, 0, 4 + weekday, hour) // a Sunday
  return weekdayAndTime(date.getTime() / 1000)
}
/** Exact, for hovering: `Monday, 23 November 2026 at 09:41:07 CET` */
export const exact = (at: Maybe): string | undefined =>
  isNumber(at) ? dated(at, { dateStyle: 'full', timeStyle: 'long' }) : undefined

/** The UTC month of a moment: its first second and how many days it has. */
export function monthOf(at: number): { start: number; days: number } {
  const date = new Date(at * 1000)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()]
  const start = Date.UTC(year, month) / 1000
  return { start, days: Math.round((Date.UTC(year, month + 1) / 1000 - start) / DAY) }
}

/** `12 Nov 2026` of a UTC day. */
export const utcDay = (at: number): string => dated(at, { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' })
/** `November 2026` of a UTC month. */
export const utcMonth = (at: number): string => dated(at, { month: 'long', year: 'numeric', timeZone: 'UTC' })
/** `November`: the UTC month of accounts. */
export const monthName = (at: number, form: 'long' | 'short' = 'long'): string =>
  dated(at, { month: form, timeZone: 'UTC' })

/** The time `09:41` today, `Sun 18:10` within a week, `12 Nov` before. */
export function since(at: number, now: number): string {
  if (dated(at, { dateStyle: 'short' }) === dated(now, { dateStyle: 'short' })) return clock(at)
  return now - at < 6 * DAY ? weekdayAndTime(at) : day(at)
}

/** The local hour at which the UTC day turns. */
export function utcTurn(now: number): string {
  return clock((Math.floor(now / DAY) + 1) * DAY)
}

/** Local midnight-aligned step: the first moment ≥ `at` that is a whole `step` in local time. */
export function localCeil(at: number, step: number): number {
  const shift = new Date(at * 1000).getTimezoneOffset() * MINUTE
  return Math.ceil((at - shift) / step) * step + shift
}
