import { afterEach, expect, test } from 'vitest'
import { count, decimal, least, mbit, money, percent, roundSize, size, sizeChange, sizePair, sizesTogether, sum, units, rates } from '../src/text/numbers.ts'

afterEach(() => {
  units.value = 'decimal'
})

test('what is not known is a dash, never 0', () => {
  for (const form of [count, decimal, mbit, money, percent, roundSize, size, sizeChange]) {
    expect(form(null)).toBe('–')
    expect(form(undefined)).toBe('–')
    expect(form(Number.NaN)).toBe('–')
  }
  expect(sum([null, undefined])).toBeNull()
  expect(sum([null, 0])).toBe(0)
  expect(least([null])).toBeNull()
})

test.each([
  [0, '0 B'], [999, '999 B'], [999_600, '1.00 MB'], [14.92e12, '14.9 TB'], [1.115e15, '1.12 PB'], [181_504, '182 kB'],
])('size of %d is %s', (bytes, text) => expect(size(bytes)).toBe(text))

test('sizes follow the chosen units', () => {
  units.value = 'binary'
  expect(size(2 ** 40)).toBe('1.00 TiB')
  expect(size(1000)).toBe('0.98 KiB')
})

test('a pair shares one unit, and keeps round totals round', () => {
  expect(sizePair(5.621e12, 8e12)).toEqual({ used: '5.62', total: '8', unit: 'TB' })
  expect(sizePair(2e9, 8e12)).toEqual({ used: '< 0.01', total: '8', unit: 'TB' })
  expect(sizePair(null, 8e12).used).toBe('–')
  expect(sizesTogether(42e9, 57e9)).toEqual(['42.0 GB', '57.0'])
  expect(sizesTogether(42e9, 57e6)).toEqual(['42.0 GB', '57.0 MB'])
})

test('a difference has its sign, with the real minus', () => {
  expect(sizeChange(55e9)).toBe('+55.0 GB')
  expect(sizeChange(-1e9)).toBe('−1.00 GB')
})

test('99.999% is not yet 100%', () => {
  expect(percent(99.999)).toBe('99.99%')
  expect(percent(100)).toBe('100.00%')
  expect(percent(96, false)).toBe('96.00')
})

test('a value under the step is not 0', () => {
  expect(mbit(1000)).toBe('< 0.1')
  expect(mbit(0)).toBe('0.0')
  expect(mbit(77e6)).toBe('616')
  expect(money(0.001)).toBe('< $0.01')
})

test('money has cents below a thousand dollars', () => {
  expect(money(24.06)).toBe('$24.06')
  expect(money(2391.4)).toBe('$2,391')
  expect(money(-1.87)).toBe('−$1.87')
})

test('rates of one line share a unit, and huge ones stay short', () => {
  expect(rates([1.25e6, null])).toEqual({ texts: ['10.0', '–'], unit: 'Mbit/s' })
  expect(rates([5e9, 1.25e6])).toEqual({ texts: ['40.0', '< 0.1'], unit: 'Gbit/s' })
})
