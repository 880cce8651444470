import { expect, test } from 'vitest'
import { keyOf, rawOf, rowsOf, sumOf, textOf, valueAt, type Column } from '../src/data/tables.ts'
import { TABLES } from '../src/text/tables.ts'

const column = (more: Partial<Column>): Column => ({ key: 'v', name: 'V', kind: 'count', ...more })

test('rows are found by their path, and an answer of another shape has none', () => {
  expect(rowsOf([{ a: 1 }, null, 3], '')).toEqual([{ a: 1 }])
  expect(rowsOf({ deep: { rows: [{ a: 1 }] } }, 'deep.rows')).toEqual([{ a: 1 }])
  for (const wrong of [null, 7, 'x', {}, { rows: {} }]) expect(rowsOf(wrong, 'rows')).toEqual([])
  expect(rowsOf({ columns: ['t', 'n'], rows: [[1, 2], [3]] }, 'rows')).toEqual([{ t: 1, n: 2 }, { t: 3, n: null }])
  expect(rowsOf({ month: { a: 1 } }, 'month')).toEqual([{ a: 1 }])
  expect(rowsOf({ a: 1 }, '.')).toEqual([{ a: 1 }])
  const month = { period: '2026-10', satellites: [{ name: 'us1' }, { name: 'eu1' }] }
  expect(rowsOf([month], '', 'satellites').map(row => [valueAt(row, 'of.period'), row.name])).toEqual([['2026-10', 'us1'], ['2026-10', 'eu1']])
})

test('what is not known is a dash, sorts last and is empty in the CSV, never 0', () => {
  for (const row of [{}, { v: null }]) {
    expect([textOf(row, column({})), keyOf(row, column({})), rawOf(row, column({}))]).toEqual(['–', null, null])
  }
  expect(textOf({ v: 'seven' }, column({}))).toBe('–')
  expect(sumOf([{ v: null }, {}], column({ sum: true }))).toBe('–')
  expect(sumOf([{ v: 2 }, {}, { v: 3 }], column({ sum: true }))).toBe('5')
  expect(sumOf([{ v: 2 }], column({}))).toBe('')
})

test('each kind has its form', () => {
  const shown = (kind: Column['kind'], v: unknown): string => textOf({ v }, column({ kind }))
  expect([shown('bytes', 1.5e12), shown('usd', 3.456), shown('percent', 99.31), shown('seconds', 0.2), shown('seconds', 15.4), shown('points', -0.25), shown('country', 'DE'), shown('country', '?!')])
    .toEqual(['1.50 TB', '$3.46', '99.31%', '< 1 s', '15 s', '−0.25', 'Germany', '?!'])
  expect(textOf({ v: true }, column({ kind: 'text', words: { true: 'done' } }))).toBe('done')
  expect(rawOf({ v: 0 }, column({ kind: 'time' }))).toBe('1970-01-01T00:00:00.000Z')
})

test('every table sorts by a column it has, and no two have one name', () => {
  const all = Object.values(TABLES).flat()
  for (const { id, sort, columns } of all) if (sort) expect(columns.map(({ key }) => key), id).toContain(sort.id)
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
})
