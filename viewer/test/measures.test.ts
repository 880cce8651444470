import { expect, test } from 'vitest'
import { lineDrawing, rangeOf } from '../src/chart/lines.ts'
import { fold, type Event } from '../src/data/events.ts'
import { COMPARED, ranks } from '../src/data/measures.ts'
import { margin, worstSatellites } from '../src/data/model.ts'
import { worstTemplates } from '../src/views/errors.tsx'
import { node, NOW } from './made.ts'

test('ranks: the good end first, equals share, the unknown has none', () => {
  expect(ranks([3, null, 1, 3], 'high')).toEqual([1, null, 3, 1])
  expect(ranks([3, null, 1, 3], 'low')).toEqual([2, null, 1, 2])
  expect(ranks([90.00001, 90.00002], 'high')).toEqual([1, 1])
  expect(ranks([1, 2], null)).toEqual([null, null])
})

test('sizes are made equal, and what is not known stays so', () => {
  const values = (state: object) => Object.fromEntries(COMPARED.map(({ id, value }) => [id, value(node('a', state), NOW)]))
  expect(values({ disk_used: 5e12, disk_allocated: 10e12, egress_month: 1e12, payout_estimate: 10 })).toMatchObject({ fill: 50, out: 2e11, money: 2 })
  expect(values({ disk_used: 0, egress_month: 1e12 })).toMatchObject({ fill: null, out: null, money: null, trash: null })
})

test('an axis begins at 0 for traffic, never for a score, and ends at what can be', () => {
  expect(rangeOf([3, 11], { zero: true })).toEqual({ low: 0, high: 15, step: 5 })
  const score = rangeOf([97.1, 100], { zero: false, most: 100 })
  expect(score.low).toBeGreaterThan(90)
  expect(score.high).toBe(100)
  const flat = rangeOf([100, 100], { zero: false, most: 100 })
  expect(flat.low).toBeLessThan(flat.high)
  expect(flat.high).toBeLessThanOrEqual(100)
  expect(rangeOf([], { zero: true })).toEqual({ low: 0, high: 1, step: 0.5 })
})

test('the chosen line is drawn last, over the grey ones', () => {
  const series = { step: 60, t: [0], values: { a: [1], b: [2] }, known: [2] }
  const drawing = lineDrawing(series, ['a', 'b'], { zero: true, label: String, front: 'a' }, { from: 0, to: 60, most: 4, now: 'now', edge: 0.02 })
  expect(drawing.lines.map(line => [line.tone, line.values])).toEqual([['l-back', [2]], ['l-front', [1]]])
})

test('satellites: trouble first, then the least margin, and what no longer counts last', () => {
  const list = [
    { name: 'gone', state: { state: 'disqualified', audit_score: 90 } },
    { name: 'fine', state: { audit_score: 100, online_score: 100 } },
    { name: 'near', state: { audit_score: 99.98, online_score: 97 } },
    { name: 'bad', state: { state: 'suspended', suspension_score: 55 } },
  ]
  expect(worstSatellites(list).map(one => one.name)).toEqual(['bad', 'near', 'fine', 'gone'])
  expect(margin({ audit_score: 98, online_score: 100 })).toBeCloseTo(0.5)
  expect(margin({})).toBeNull()
})

test('equal neighbours among events are one line', () => {
  const event = (id: number, text: string): Event => ({ id, node: 'a', at: id, kind: 'log', severity: 'info', satellite: '', text })
  expect(fold([event(3, 'x'), event(2, 'x'), event(1, 'y')]).map(one => [one.text, one.times, one.at])).toEqual([['x', 2, 3], ['y', 1, 1]])
})

test('templates: the worst level first, then the most frequent; an unknown level last', () => {
  const row = (level: string, n: number) => ({ level, logger: '', text: level, n, first_at: 0, last_at: 0 })
  expect(worstTemplates([row('INFO', 9), row('ODD', 99), row('ERROR', 1), row('ERROR', 5), row('FATAL', 1)]).map(one => [one.level, one.n]))
    .toEqual([['FATAL', 1], ['ERROR', 5], ['ERROR', 1], ['INFO', 9], ['ODD', 99]])
})
