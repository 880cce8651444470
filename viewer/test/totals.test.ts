import { expect, test } from 'vitest'
import { age, ago, DAY, monthOf } from '../src/text/times.ts'
import { earnedByDay, growth, usualOf } from '../src/views/totals.tsx'
import { linePath } from '../src/ui/marks.tsx'
import { NOW } from './made.ts'

const november = monthOf(Date.UTC(2026, 10, 26) / 1000)

test('a UTC month has its first second and its days', () => {
  expect(november).toEqual({ start: Date.UTC(2026, 10, 1) / 1000, days: 30 })
  expect(monthOf(Date.UTC(2028, 1, 29, 23) / 1000).days).toBe(29)
})

const soFar = (days: (number | null)[], known = days.map(() => 2)) => ({
  step: DAY, t: days.map((_, day) => november.start + day * DAY), values: { payout_so_far: days }, known,
})

test('what each day brought is what the sum grew; the days to come share what is left', () => {
  const earned = earnedByDay(soFar([1, 3, 3]), 2, 30, november.start, 57)
  expect(earned.days.slice(0, 4)).toEqual([1, 2, 0, null])
  expect(earned).toMatchObject({ come: 2, next: 3 }) // 54 over 27 days
})

test('a day that not all nodes know, and the day after it, are not told', () => {
  const earned = earnedByDay(soFar([1, 2, 3, 5], [2, 1, 2, 2]), 2, 30, november.start, 31)
  expect(earned.days.slice(0, 5)).toEqual([1, null, null, 2, null])
  expect(earnedByDay(null, 2, 30, november.start, 31)).toMatchObject({ come: null })
  expect(earnedByDay(soFar([]), 2, 30, november.start, 31).days.every(day => day === null)).toBe(true)
})

test('usual is where nine of ten hours were, once two days are known', () => {
  const hours = Array.from({ length: 101 }, (_, index) => 90 + index / 20)
  expect(usualOf([...hours.reverse(), null])).toEqual(['90.25', '94.75'])
  expect(usualOf(hours.slice(0, 47))).toBeNull()
})

test('growth needs days that all nodes know', () => {
  const series = { step: DAY, t: [0, DAY, 2 * DAY, 3 * DAY], values: { disk_used: [1, 10, 20, 30] }, known: [1, 2, 2, 2] }
  expect(growth(series, 'disk_used', 2)).toBe(10)
  expect(growth({ ...series, known: [1, 1, 2, 2] }, 'disk_used', 2)).toBeNull()
})

test('an age with and without its "ago"', () => {
  expect([ago(NOW - 4, NOW), age(NOW - 4, NOW)]).toEqual(['4 s ago', '4 s'])
  expect([ago(NOW, NOW), age(NOW, NOW)]).toEqual(['now', 'now'])
  expect(ago(NOW - 3 * DAY, NOW)).not.toMatch(/ago/)
})

test('a line ends where nothing is known, and begins anew', () => {
  expect(linePath([1, 2, null, 4], value => value)).toBe('M0.0 1.0L31.0 2.0M93.0 4.0')
  expect(linePath([null, null], value => value)).toBe('')
})
