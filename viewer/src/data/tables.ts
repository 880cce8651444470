/** Tables of the node page as data: which command, where its rows are, what the columns are. Pure. */

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

const ACTIONS = { GET: 'Download', PUT: 'Upload', GET_REPAIR: 'Repair out', PUT_REPAIR: 'Repair in', GET_AUDIT: 'Audit' }
const RUNS = {
  compaction: 'Compaction', trash: 'Emptying trash', trash_walk: 'Trash walk', bloom_filter: 'Bloom filter received', gc: 'Garbage collection',
  gc_walk: 'Garbage walk', used_space: 'Used-space walk', migration: 'Migration',
}
const ENDS = { true: 'done', false: 'failed' }

const usd = (key: string, name: string, hide?: 'col-m' | 'col-x'): Column => ({ key, name, kind: 'usd', sum: true, ...(hide ? { hide } : {}) })

const satellite: Column = { key: 'name', name: 'Satellite', kind: 'text' }
const moved: Column = { key: 'bytes', name: 'Bytes', kind: 'bytes', sum: true }

/** By their names. What has a picture of its own is not here. */
export const TABLES = {
  pieces: { id: 'pieces', title: 'Hot pieces', help: 'Pieces that were downloaded again and again.', command: 'top', args: { kind: 'pieces' }, rows: '', ranged: true,
    columns: [{ key: 'piece', name: 'Piece', kind: 'code' }, { key: 'n', name: 'Downloads', kind: 'count', sum: true }, moved], sort: { id: 'n', down: true },
    empty: 'No piece was downloaded twice in this time.' },
  slow: { id: 'slow', title: 'Slowest', help: 'Transfers that took longest, from 5 s on. Known where the log has the start of each transfer.', command: 'top', args: { kind: 'slow' }, rows: '', ranged: true,
    columns: [{ key: 'at', name: 'Ended', kind: 'time' }, { key: 'seconds', name: 'Took', kind: 'seconds' }, { key: 'action', name: 'Kind', kind: 'text', words: ACTIONS }, { key: 'outcome', name: 'Outcome', kind: 'text', hide: 'col-m' }, { ...satellite, hide: 'col-m' }, { key: 'bytes', name: 'Bytes', kind: 'bytes' }, { key: 'piece', name: 'Piece', kind: 'code', hide: 'col-x' }],
    sort: { id: 'seconds', down: true }, empty: 'No transfer took 5 s or more, or the log does not have their starts: from version 1.116 on they need the level DEBUG.' },
  reported: { id: 'reported', title: 'By satellite', help: 'What each satellite last reported, and what came in since.', command: 'storage', rows: 'satellites',
    columns: [satellite, { key: 'reported', name: 'Reported', kind: 'bytes', sum: true }, { key: 'reported_at', name: 'On', kind: 'day' }, { key: 'came_since', name: 'Came since', kind: 'bytes', sum: true }], sort: { id: 'reported', down: true }, empty: 'No satellite has reported yet.' },
  runs: { id: 'runs', title: 'All tasks', help: 'Garbage collection, trash, walks and compactions, newest first.', command: 'runs', args: { limit: 500 }, rows: '', ranged: true,
    columns: [{ key: 'kind', name: 'Task', kind: 'text', words: RUNS }, satellite, { key: 'started', name: 'Started', kind: 'time' }, { key: 'stats.seconds', name: 'Took', kind: 'seconds' }, { key: 'ok', name: 'End', kind: 'text', words: ENDS }, { key: 'stats.bytes_deleted', name: 'Deleted', kind: 'bytes', hide: 'col-m', sum: true }, { key: 'stats.data_reclaimed', name: 'Reclaimed', kind: 'bytes', hide: 'col-m', sum: true }],
    sort: { id: 'started', down: true }, empty: 'The log tells of no task in this time.' },
  paystubs: { id: 'paystubs', title: 'Paystubs', help: 'Each satellite, each month, with its receipt.', command: 'payouts', rows: 'months', inner: 'satellites',
    columns: [{ key: 'of.period', name: 'Month', kind: 'text' }, satellite, usd('earned', 'Earned'), usd('held', 'Held', 'col-m'), usd('disposed', 'Given back', 'col-x'), usd('paid', 'Paid'), { key: 'surge_percent', name: 'Surge', kind: 'percent', hide: 'col-x' }, { key: 'created', name: 'Made', kind: 'day', hide: 'col-m' }, { key: 'receipt.link', name: 'Receipt', kind: 'link' }],
    sort: { id: 'of.period', down: true }, empty: 'No month has been paid yet.' },
  held: { id: 'held', title: 'Held', help: 'What each satellite holds. Half comes back after 15 months, the rest at a graceful exit.', command: 'payouts', rows: 'held.satellites',
    columns: [satellite, { key: 'joined', name: 'Since', kind: 'day', hide: 'col-m' }, usd('held', 'Ever held'), usd('returned', 'Given back', 'col-m'), usd('comes_back', 'Comes back'), { key: 'comes_back_in', name: 'In', kind: 'text', hide: 'col-m' }, usd('on_exit', 'At a graceful exit')],
    sort: { id: 'held', down: true }, empty: 'Nothing is known of held amounts.' },
  unusual: { id: 'insights', title: 'Unusual now', help: 'Values outside of what is usual for this node at this hour.', command: 'insights', rows: 'open',
    columns: [{ key: 'since', name: 'Since', kind: 'time' }, { key: 'text', name: 'What', kind: 'long' }, { key: 'cause', name: 'Likely cause', kind: 'long' }], sort: { id: 'since', down: true }, empty: 'Nothing is unusual. The agent needs some days before it knows what is usual.' },
  unusual_before: { id: 'insights-past', title: 'Was unusual', help: 'What was unusual within 30 days and is over.', command: 'insights', rows: 'recent',
    columns: [{ key: 'since', name: 'Since', kind: 'time' }, { key: 'until', name: 'Until', kind: 'time' }, { key: 'text', name: 'What', kind: 'long' }, { key: 'cause', name: 'Likely cause', kind: 'long', hide: 'col-m' }], sort: { id: 'since', down: true }, empty: 'Nothing was unusual within 30 days.' },
} satisfies Record<string, Table>

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
