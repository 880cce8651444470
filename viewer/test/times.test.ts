import { expect, test } from 'vitest'
import { ago, briefly, DAY, duration, HOUR, localCeil, roughly } from '../src/text/times.ts'

test.each([
  [0, '0 s'], [59, '59 s'], [252, '4 min 12 s'], [40 * 60 + 7, '40 min'], [26 * HOUR + 40 * 60, '26 h 40 min'], [41 * DAY, '41 d'], [2 * DAY + 3 * HOUR, '2 d 3 h'],
])('a duration of %d s is %s', (seconds, text) => expect(duration(seconds)).toBe(text))

test.each([
  [DAY, '24 hours'], [6 * DAY, '6 days'], [180 * DAY, '6 months'], [20 * 60, '20 minutes'],
])('%d s are roughly %s', (seconds, text) => expect(roughly(seconds)).toBe(text))

test('tables are brief', () => {
  expect(briefly(6 * DAY)).toBe('6 d')
  expect(briefly(150 * DAY)).toBe('5 mo')
  expect(briefly(900 * DAY)).toBe('> 1 y')
})

test('ages under a day are relative', () => {
  expect(ago(995, 1000)).toBe('5 s ago')
  expect(ago(1000, 1000)).toBe('now')
  expect(ago(0, 11 * HOUR + 30 * 60)).toBe('11 h 30 min ago')
  expect(ago(null, 1000)).toBe('–')
})

test('marks of an axis are whole local hours', () => {
  const at = localCeil(1_795_400_000, HOUR)
  expect(at).toBeGreaterThanOrEqual(1_795_400_000)
  expect(new Date(at * 1000).getMinutes()).toBe(0)
})
