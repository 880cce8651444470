import { expect, test } from 'vitest'
import { afterAbsence, hoursUntil, quietest, scoreAfter, scoreOf } from '../src/data/downtime.ts'
import type { Window } from '../src/data/windows.ts'
import { verdict } from '../src/views/planner.tsx'

const HALF = 43_200
const NOW = 60 * HALF // the beginning of a window
const full: Window[] = Array.from({ length: 60 }, (_, index) => ({ start: index * HALF, share: 1 }))

test('the score is the mean of the windows that were asked', () => {
  expect(scoreOf(full)).toBe(100)
  expect(scoreOf([{ start: 0, share: 0.5 }, { start: HALF, share: null }, { start: 2 * HALF, share: 1 }])).toBe(75)
  expect(scoreOf([])).toBeNull()
})

test('half a day away costs one window of sixty; the oldest window leaves', () => {
  const after = afterAbsence(full, NOW, 12)
  expect(after).toHaveLength(60)
  expect(after[0]!.start).toBe(HALF)
  expect(scoreAfter(full, NOW, 12)).toBeCloseTo(100 - 100 / 60)
  expect(scoreAfter(full, NOW, 4)).toBeCloseTo(100 - 100 / 180)
})

test('an absence that begins in the middle of a window spoils two by halves', () => {
  const after = afterAbsence(full, NOW + HALF / 2, 12)
  expect(after.slice(-2).map(window => window.share)).toEqual([0.5, 0.5])
})

test('a bad window that leaves meanwhile is no longer counted', () => {
  const spoilt = full.map((window, index) => (index === 0 ? { ...window, share: 0 } : window))
  expect(scoreAfter(spoilt, NOW, 12)).toBeCloseTo(scoreOf(spoilt)!)
})

test('how long until 95%: three windows of sixty', () => {
  expect(hoursUntil(full, NOW, 95)).toBe(36)
  expect(hoursUntil([], NOW, 95)).toBeNull()
  expect(hoursUntil(full.map(window => ({ ...window, share: 0.9 })), NOW, 95)).toBe(0)
})

test('the answer is of the worst satellite', () => {
  expect(verdict([99, 98.2, null], '4 h')).toBe('Yes. For 4 h nothing falls below 95%.')
  expect(verdict([99, 81.5], '60 h')).toContain('81.50%')
  expect(verdict([99, 41], '72 h')).toMatch(/^No\./)
})

test('the quietest hours are whole and together; a gap is no quiet', () => {
  const t = Array.from({ length: 24 }, (_, hour) => hour * 3600)
  const rates = t.map((_, hour) => (hour === 5 || hour === 6 ? 1 : hour === 9 ? null : 10))
  expect(quietest(t, rates, 2)?.rate).toBe(1)
  expect(quietest(t, rates, 2)?.hour).toBe(new Date(5 * 3_600_000).getHours())
  expect(quietest([0, 9 * 3600], [1, 1], 2)).toBeNull()
  expect(quietest([], [], 4)).toBeNull()
})
