/** A cell of a table as text, by the kind of its column. */

import { count, DASH, decimal, isNumber, money, percent, size, withSign } from './numbers.ts'
import { dayAndTime, duration, fullDay } from './times.ts'

export type Kind = 'bytes' | 'usd' | 'count' | 'time' | 'day' | 'percent' | 'points' | 'seconds' | 'text' | 'long' | 'code' | 'country' | 'link'

const countries = new Intl.DisplayNames(undefined, { type: 'region' })
const points = (value: number): string => withSign(value, decimal(Math.abs(value), 2))
const took = (seconds: number): string => (seconds < 1 ? '< 1 s' : seconds < 10 ? `${decimal(seconds, 1)} s` : duration(seconds))

const NUMBERS: Partial<Record<Kind, (value: number) => string>> = {
  bytes: size, usd: money, count, time: dayAndTime, day: fullDay, percent: value => percent(value), points, seconds: took,
}

export const isNumeric = (kind: Kind): boolean => kind in NUMBERS

/** What is not known, or of another type than the column, is `–`. */
export function shownAs(kind: Kind, value: unknown): string {
  const show = NUMBERS[kind]
  if (show) return isNumber(value) ? show(value) : DASH
  if (value === null || value === undefined || value === '') return DASH
  return kind === 'country' ? country(String(value)) : String(value)
}

/** In the browser's language; a code that is none stays as it is. */
function country(code: string): string {
  try {
    return countries.of(code) ?? code
  } catch {
    return code
  }
}
