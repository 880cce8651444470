import { expect, test } from 'vitest'
import { flowDrawing } from '../src/chart/flow.ts'
import { csv, isEmpty, niceCeil, sumHistories, timeMarks, trimmed, weighted, type History } from '../src/data/series.ts'
import { sparkPath } from '../src/ui/marks.tsx'
import { bars } from '../src/views/livechart.tsx'
import { growth } from '../src/views/totals.tsx'

const history = (rows: (number | null)[][], step = 60): History => ({ step, columns: ['t', 'out', 'in'], rows })

test('nodes are added bin by bin; what nobody knows stays unknown', () => {
  const sum = sumHistories([history([[0, 1, null], [60, 2, null], [120, null, null]]), history([[60, 10, 5], [180, 1, 1]])], ['out', 'in'])
  expect(sum.t).toEqual([0, 60, 120, 180])
  expect(sum.values).toEqual({ out: [1, 12, null, 1], in: [null, 5, null, 1] })
  expect(sum.known).toEqual([1, 2, 0, 1])
})

test('columns are found by name, whatever their order, and strangers are nothing', () => {
  const sum = sumHistories([{ step: 60, columns: ['t', 'in', 'out'], rows: [[0, 7, 9]] }], ['out', 'nonsense'])
  expect(sum.values).toEqual({ out: [9], nonsense: [null] })
})

test('shares of several nodes are weighted, never averaged', () => {
  const one: History = { step: 1, columns: ['t', 'download_success', 'downloads'], rows: [[0, 100, 300], [1, 90, null], [2, null, 0]] }
  const two: History = { ...one, rows: [[0, 0, 100], [2, 50, 0]] }
  expect(weighted([one, two])).toEqual([75, null, null])
})

test('the empty time before the first value is cut off, gaps inside stay', () => {
  const cut = trimmed(sumHistories([history([[0, null, null], [60, 1, 1], [120, null, null], [180, 2, 2]])], ['out']))
  expect(cut.t).toEqual([60, 120, 180])
  expect(cut.values['out']).toEqual([1, null, 2])
  expect(isEmpty(sumHistories([history([[0, null, null]])], ['out']))).toBe(true)
  expect(trimmed(sumHistories([history([[0, null, null]])], ['out'])).t).toEqual([])
})

test.each([[0, 1], [1, 1], [1.2, 2], [9.6, 10], [24, 50], [0.03, 0.05], [616, 1000]])('after %d comes %d', (value, nice) =>
  expect(niceCeil(value)).toBeCloseTo(nice))

test('out stands above the axis, in below it, both on one scale', () => {
  const series = { step: 600, t: [0, 600], values: { out: [1.25e6, null], in: [2.5e6, 0] }, known: [1, 1] }
  const drawing = flowDrawing(series, 'out', 'in', 'Mbit/s', { from: 0, to: 1200, most: 7, now: 'now', edge: 0.02 })
  expect(drawing.lines.map(line => line.values)).toEqual([[10, null], [-20, -0]])
  expect([drawing.low, drawing.high]).toEqual([-20, 10])
  expect(drawing.grid.map(line => line.label)).toEqual(['20', '10', '', '10 Mbit/s'])
  expect(drawing.t).toEqual([300, 900])
  expect(drawing.times.at(-1)!.label).toBe('now')
})

test('a day has at most seven labels, in order', () => {
  const marks = timeMarks(1_795_300_000, 1_795_386_400, 7)
  expect(marks.length).toBeGreaterThan(3)
  expect(marks.length).toBeLessThanOrEqual(7)
  expect(marks.every((mark, index) => index === 0 || mark.at > marks[index - 1]!.at)).toBe(true)
})

test('a spark begins and ends outside the picture, and a gap is a gap', () => {
  expect(sparkPath([1, 2], value => value, 9)).toBe('M-9 9V1.0H0.0L93.0 2.0H102V9')
  expect(sparkPath([1, null, 2], value => value, 9)).toBe('M-9 9V1.0H0.0V9M93.0 9V2.0H93.0H102V9')
  expect(sparkPath([null, null], value => value, 9)).toBe('')
})

test('bars of seconds: silence draws nothing', () => {
  expect(bars([0, 10], 10, true)).toBe('M180.0 50v-46.0')
  expect(bars([0, 0], 10, false)).toBe('')
})

test('growth needs days that every node knows', () => {
  const day = 86_400
  const series = { step: day, t: [0, day, 2 * day, 3 * day], values: { disk_used: [1, 100, 150, 300] }, known: [1, 2, 2, 2] }
  expect(growth(series, 'disk_used', 2)).toBe(100)
  expect(growth(series, 'disk_used', 3)).toBeNull()
})

test('CSV quotes, and no cell becomes a formula', () => {
  expect(csv(['a', 'b'], [['x,y', 'say "hi"'], ['=cmd()', null], ['-1', -1]])).toBe('a,b\r\n"x,y","say ""hi"""\r\n\'=cmd(),\r\n\'-1,-1\r\n')
})
