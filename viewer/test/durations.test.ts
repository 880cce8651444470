import { expect, test } from 'vitest'
import { barsOf, seconds, sidesOf, spanOf, type Step } from '../src/chart/durations.ts'
import { seriesOf } from '../src/views/node/answers.tsx'
import { DAY, HOUR } from '../src/text/times.ts'
import { NOW } from './made.ts'

const HISTOGRAM: Step[] = [[0, 1, 80], [1, 2, 15], [2, 5, 0], [5, 10, 5]]

test('each step is a bar, also an empty one, and says its span, count and share', () => {
  const bars = barsOf(HISTOGRAM)
  expect(bars.map(({ value, label }) => [value, label])).toEqual([[80, '0'], [15, '1'], [0, '2'], [5, '5']])
  expect(bars[1]!.title).toBe('1 s to 2 s: 15, 15.00%')
  expect(barsOf([])).toEqual([])
})

test('spans are said as people say them; the last has no end', () => {
  expect([spanOf(0, 1), spanOf(2, 5), spanOf(50, 100), spanOf(50_000, null)]).toEqual(['under 1 s', '2 s to 5 s', '50 s to 1 min 40 s', '13 h 53 min and more'])
})

test('less than a second is said so, not as 0, and the unknown is a dash', () => {
  expect([seconds(0), seconds(0.9), seconds(1), seconds(2.5), seconds(90), seconds(null)]).toEqual(['< 1 s', '< 1 s', '1 s', '2.5 s', '1 min 30 s', '–'])
})

test('the last day stands against what was before, each hour by its transfers', () => {
  const columns = ['t', 'n', 'p50', 'p95', 'p99']
  const rows = [[NOW - 3 * DAY, 1, 0, 2, 9], [NOW - 2 * DAY, 3, 0, 6, 9], [NOW - HOUR, 10, 0, 4, 9], [NOW - 60, 0, null, null, null]]
  expect(sidesOf({ columns, rows }, NOW)).toEqual({ last: 4, before: 5 })
  expect(sidesOf({ columns, rows: rows.slice(0, 2) }, NOW)).toBeNull()
})

test('hours without a transfer are gaps in the line, not joined', () => {
  const t = Math.floor(NOW / HOUR) * HOUR
  const found = { action: 'GET', n: 2, p50: 1, p95: 1, p99: 1, step: HOUR, columns: ['t', 'n', 'p50', 'p95', 'p99'], rows: [[t - 3 * HOUR, 1, 1, 2, 3], [t - HOUR, 1, 4, 5, 6]], histogram: HISTOGRAM }
  const series = seriesOf(found, t - 4 * HOUR, t)
  expect(series.values['p95']).toEqual([null, 2, null, 5])
})
