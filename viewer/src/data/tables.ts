/** How a table of the node page is described, and what is made of an answer by it. Pure. */

import { shownAs, type Kind } from '../text/cells.ts'
import { DASH } from '../text/numbers.ts'

export interface Column {
  /** A path into the row: `stats.seconds`. */
  key: string
  name: string
  kind: Kind
  hide?: 'col-m' | 'col-x'
  /** Added up below the table. */
  sum?: boolean
  /** Codes that have a word of their own. */
  words?: Record<string, string>
}

export interface Table {
  id: string
  title: string
  help: string
  command: string
  args?: Record<string, unknown>
  /** A path into the answer; empty: the answer is the list. An object in place of a list is one row. */
  rows: string
  /** A list within each row: its rows are those of the table, the row around them is `of`. */
  inner?: string
  columns: Column[]
  /** The order as long as nobody sorts; none: as the agent ranks them. */
  sort?: { id: string; down: boolean }
  /** Whether the command takes `from` and `to`. */
  ranged?: boolean
  empty: string
}

export type Row = Record<string, unknown>

/** The value at a path; undefined steps and null are null. */
export const valueAt = (row: unknown, path: string): unknown =>
  path.split('.').filter(Boolean).reduce<unknown>((at, step) => (at && typeof at === 'object' ? (at as Row)[step] ?? null : null), row)

const isRow = (row: unknown): row is Row => Boolean(row) && typeof row === 'object' && !Array.isArray(row)

/** The rows of an answer; none where it has another shape. Rows that are lists have their names in `columns`. */
export function rowsOf(answer: unknown, path: string, inner?: string): Row[] {
  const found = valueAt(answer, path)
  const names = valueAt(answer, 'columns')
  const named = (row: unknown): unknown => (Array.isArray(row) && Array.isArray(names) ? Object.fromEntries(names.map((name, at) => [name, row[at] ?? null])) : row)
  const rows = (Array.isArray(found) ? found.map(named) : path && isRow(found) && Object.keys(found).length ? [found] : []).filter(isRow)
  return inner ? rows.flatMap(row => rowsOf(row, inner).map(each => ({ ...each, of: row }))) : rows
}

/** A row's value as it sorts: numbers and booleans by size, the rest by its text; unknown is null. */
export function keyOf(row: Row, column: Column): number | string | null {
  const value = valueAt(row, column.key)
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  return value === null || value === '' ? null : textOf(row, column)
}

export function textOf(row: Row, column: Column): string {
  const value = valueAt(row, column.key)
  return column.words?.[String(value)] ?? shownAs(column.kind, value)
}

/** The sum of what is known in a column, as text; empty for columns that are not added up. */
export function sumOf(rows: Row[], column: Column): string {
  if (!column.sum) return ''
  const known = rows.map(row => valueAt(row, column.key)).filter((value): value is number => typeof value === 'number')
  return known.length ? shownAs(column.kind, known.reduce((a, b) => a + b, 0)) : DASH
}

/** Cells of a CSV: numbers stay numbers, times become ISO. */
export const rawOf = (row: Row, { key, kind }: Column): string | number | null => {
  const value = valueAt(row, key)
  if (typeof value === 'number') return kind === 'time' || kind === 'day' ? new Date(value * 1000).toISOString() : value
  return value === null ? null : String(value)
}
