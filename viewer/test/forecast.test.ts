import { expect, test } from 'vitest'
import { forecastDrawing, monthMarks, type Forecast } from '../src/chart/forecast.ts'
import { DAY } from '../src/text/times.ts'
import { answerOf } from '../src/views/node/forecast.tsx'
import { NOW } from './made.ts'

const TB = 1e12
const rows: [number, number][] = Array.from({ length: 60 }, (_, index) => [NOW - (60 - index) * DAY, 7 * TB + index * 10e9])
const forecast = (more: Partial<Forecast> = {}): Forecast => ({
  free: 0.4 * TB, used: 7.6 * TB, allocated: 8 * TB, slope_per_day: 10e9, slope_low: 5e9, slope_high: 20e9, history_days: 29,
  full_at: { likely: NOW + 40 * DAY, earliest: NOW + 20 * DAY, latest: NOW + 80 * DAY }, rows, ...more,
})

test('what is expected begins where what was measured ends, and stops at the limit', () => {
  const drawn = forecastDrawing(forecast(), NOW)!
  expect(drawn.measured).toHaveLength(61)
  expect(drawn.measured.at(-1)).toEqual({ t: NOW, value: 7.6 * TB })
  expect(drawn.likely[0]).toEqual(drawn.now)
  expect(drawn.likely[1]!.value).toBe(8 * TB)
  expect(drawn.likely[1]!.t).toBeCloseTo(NOW + 40 * DAY, -1)
  expect(drawn.full).toEqual(drawn.likely[1])
  expect(drawn.limit).toBe(8 * TB)
  expect(drawn.to).toBeGreaterThan(NOW + 40 * DAY)
})

test('the band lies between the slow and the quick pace and follows the limit', () => {
  const [start, quick, corner, slow] = forecastDrawing(forecast(), NOW)!.band
  expect(start).toEqual({ t: NOW, value: 7.6 * TB })
  expect([quick!.value, corner!.value]).toEqual([8 * TB, 8 * TB])
  expect(quick!.t).toBeCloseTo(NOW + 20 * DAY, -1)
  expect(slow!.value).toBeLessThan(8 * TB)
  expect(corner!.t).toBe(slow!.t)
})

test('the grid holds all that is drawn, and a far limit is left out', () => {
  const far = forecastDrawing(forecast({ allocated: 80 * TB, free: 72 * TB, full_at: { likely: null, earliest: null, latest: null } }), NOW)!
  expect(far.limit).toBeNull()
  expect(far.full).toBeNull()
  for (const drawn of [far, forecastDrawing(forecast(), NOW)!]) {
    for (const { value } of [...drawn.measured, ...drawn.likely, ...drawn.band]) {
      expect(value).toBeGreaterThanOrEqual(drawn.low)
      expect(value).toBeLessThanOrEqual(drawn.high)
    }
    expect(drawn.grid.length).toBeLessThanOrEqual(7)
  }
})

test('without a pace there is a line and no forecast; without a disk nothing', () => {
  const still = forecastDrawing(forecast({ slope_per_day: null, slope_low: null, slope_high: null }), NOW)!
  expect([still.likely, still.band]).toEqual([[], []])
  expect(forecastDrawing(forecast({ used: null }), NOW)).toBeNull()
})

test('the answer has a date only while its range is narrow', () => {
  expect(answerOf(forecast(), NOW)).toMatch(/^On about \d+ \w+ \d{4}\.$/)
  const wide = { likely: NOW + 700 * DAY, earliest: NOW + 300 * DAY, latest: null }
  expect(answerOf(forecast({ full_at: wide }), NOW)).toBe('In about 23 months.')
  const none = { likely: null, earliest: null, latest: null }
  expect(answerOf(forecast({ full_at: none }), NOW)).toBe('Not within ten years at this pace.')
  expect(answerOf(forecast({ full_at: none, slope_per_day: -1 }), NOW)).toBe('Not at this pace: it does not grow.')
  expect(answerOf(forecast({ full_at: none, slope_per_day: null }), NOW)).toBe('Not known yet.')
  expect(answerOf(forecast({ free: 0 }), NOW)).toBe('It is full.')
})

test('months begin at their first day, none twice, no more than there is room for', () => {
  const marks = monthMarks(NOW, NOW + 400 * DAY, 6, at => new Date(at * 1000).toDateString())
  expect(marks.length).toBeLessThanOrEqual(7)
  expect(new Set(marks.map(({ label }) => label)).size).toBe(marks.length)
  for (const { at } of marks) expect(new Date(at * 1000).getDate()).toBe(1)
})
