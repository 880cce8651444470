/** Numbers as people read them, by Intl in the browser's locale. Null is `–`, never 0. */

import { signal } from '@preact/signals'

export const DASH = '–'
const MINUS = '−'

export type Maybe = number | null | undefined
export type UnitSystem = 'decimal' | 'binary'
export const units = signal<UnitSystem>('decimal')

const UNITS: Record<UnitSystem, { base: number; names: string[] }> = {
  decimal: { base: 1000, names: ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] },
  binary: { base: 1024, names: ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] },
}

const formats = new Map<string, Intl.NumberFormat>()

/** A cached Intl format; making one is the expensive part. */
export function format(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = JSON.stringify(options)
  let found = formats.get(key)
  if (!found) formats.set(key, (found = new Intl.NumberFormat(undefined, options)))
  return found
}

export const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

const fixed = (value: number, digits: number): string =>
  signed(format({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value))
const signed = (text: string): string => text.replace('-', MINUS)

/** A number below what its form can show is not 0. */
function small(value: number, digits: number): string | null {
  const step = 10 ** -digits
  return value !== 0 && Math.abs(value) < step / 2 ? `< ${fixed(step, digits)}` : null
}

export function decimal(value: Maybe, digits = 1): string {
  return isNumber(value) ? (small(value, digits) ?? fixed(value, digits)) : DASH
}

export function count(value: Maybe): string {
  return isNumber(value) ? format({ maximumFractionDigits: 0 }).format(value) : DASH
}

export interface Scale {
  factor: number
  unit: string
}

/** The unit in which `bytes` has one to three digits before the point. */
export function scaleOf(bytes: number): Scale {
  const { base, names } = UNITS[units.value]
  const size = Math.abs(bytes)
  let power = 0
  // 999.5 would round to four digits
  while (power < names.length - 1 && size >= base ** power * 999.5) power++
  return { factor: base ** power, unit: names[power] ?? '' }
}

const digitsOf = (value: number): number => (value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2)

/** `14.9 TB`: three figures. */
export function size(bytes: Maybe): string {
  if (!isNumber(bytes)) return DASH
  const { factor, unit } = scaleOf(bytes)
  const value = bytes / factor
  return `${factor === 1 ? count(value) : fixed(value, digitsOf(Math.abs(value)))} ${unit}`
}

/** `8 TB`, `1.5 TB`: a round size, as somebody wrote it into a configuration. */
export function roundSize(bytes: Maybe): string {
  if (!isNumber(bytes)) return DASH
  const { factor, unit } = scaleOf(bytes)
  return `${format({ maximumFractionDigits: 2 }).format(bytes / factor)} ${unit}`
}

/** `+55 GB`: a difference has its sign. */
export function sizeChange(bytes: Maybe): string {
  return isNumber(bytes) ? withSign(bytes, size(Math.abs(bytes))) : DASH
}

export const withSign = (value: number, text: string): string => (value > 0 ? `+${text}` : value < 0 ? MINUS + text : text)

/** Used and total in one unit: `5.62` and `8 TB`. */
export function sizePair(used: Maybe, total: Maybe): { used: string; total: string; unit: string } {
  const { factor, unit } = scaleOf(Math.max(used ?? 0, total ?? 0))
  return {
    used: isNumber(used) ? (small(used / factor, 2) ?? fixed(used / factor, 2)) : DASH,
    total: isNumber(total) ? format({ maximumFractionDigits: 2 }).format(total / factor) : DASH,
    unit: isNumber(used) || isNumber(total) ? unit : '',
  }
}

/** Two sizes of one sentence: the unit is said once where both have the same. */
export function sizesTogether(first: Maybe, second: Maybe): [string, string] {
  const [a, b] = [size(first), size(second)]
  const unit = a.slice(a.indexOf(' '))
  return [a, b.endsWith(unit) ? b.slice(0, -unit.length) : b]
}

/** Bytes per second as Mbit/s without the unit. */
export function mbit(bytesPerSecond: Maybe): string {
  if (!isNumber(bytesPerSecond)) return DASH
  const value = (bytesPerSecond * 8) / 1e6
  return value >= 99.95 ? count(value) : decimal(value, 1)
}

/** Rates of one line in one unit: Mbit/s, from 10,000 on Gbit/s. */
export function rates(values: Maybe[]): { texts: string[]; unit: string } {
  const wide = values.some(value => isNumber(value) && value * 8 >= 1e10)
  return { texts: values.map(value => mbit(wide && isNumber(value) ? value / 1000 : value)), unit: wide ? 'Gbit/s' : 'Mbit/s' }
}

/** `99.31%`, or `99.31` in dense tables. Rounded down at the top: 99.999 is not yet 100. */
export function percent(value: Maybe, sign = true): string {
  if (!isNumber(value)) return DASH
  const shown = value < 100 && value > 99.99 ? 99.99 : value
  return fixed(shown, 2) + (sign ? '%' : '')
}

/** `$24.06`; no cents from $1,000 on. */
export function money(value: Maybe): string {
  if (!isNumber(value)) return DASH
  const digits = Math.abs(value) >= 1000 ? 0 : 2
  const options = { style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol' } as const
  if (value > 0 && value < 0.005) return `< ${format(options).format(0.01)}`
  return signed(format({ ...options, minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value))
}

/** Sum of what is known; null when nothing is. */
export function sum(values: Iterable<Maybe>): number | null {
  let total: number | null = null
  for (const value of values) if (isNumber(value)) total = (total ?? 0) + value
  return total
}

/** The smallest of what is known; null when nothing is. */
export function least(values: Iterable<Maybe>): number | null {
  let found: number | null = null
  for (const value of values) if (isNumber(value) && (found === null || value < found)) found = value
  return found
}
