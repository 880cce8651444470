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
  /** A path into the answer; empty: the answer is the list. */
  rows: string
  columns: Column[]
  /** The order as long as nobody sorts; none: as the agent ranks them. */
  sort?: { id: string; down: boolean }
  /** Whether the command takes `from` and `to`. */
  ranged?: boolean
  empty: string
}

export type Row = Record<string, unknown>
export type Section = 'traffic' | 'reputation' | 'storage' | 'chores' | 'money'

const ACTIONS = { GET: 'Download', PUT: 'Upload', GET_REPAIR: 'Repair out', PUT_REPAIR: 'Repair in', GET_AUDIT: 'Audit' }
const RUNS = {
  compaction: 'Compaction', trash: 'Emptying trash', trash_walk: 'Trash walk', bloom_filter: 'Bloom filter received', gc: 'Garbage collection',
  gc_walk: 'Garbage walk', used_space: 'Used-space walk', migration: 'Migration',
}
const LEAKS = { garbage: 'Garbage', dead_bytes: 'Dead bytes', suspended: 'Suspended', unsent_orders: 'Unsent orders', races_lost: 'Lost races', disk_full: 'Full disk' }
const DIFFERENCES = { dead: 'Dead bytes', trash: 'Trash', late: 'Not yet reported', garbage: 'Garbage' }
const ENDS = { true: 'done', false: 'failed' }

const satellite: Column = { key: 'name', name: 'Satellite', kind: 'text' }
const pieces = (name = 'Pieces'): Column => ({ key: 'n', name, kind: 'count', sum: true })
const moved: Column = { key: 'bytes', name: 'Bytes', kind: 'bytes', sum: true }

export const TABLES: Record<Section, Table[]> = {
  traffic: [
    { id: 'countries', title: 'Countries', help: 'Where the other side of each transfer is, by the place file.', command: 'top', args: { kind: 'countries' }, rows: '', ranged: true,
      columns: [{ key: 'country', name: 'Country', kind: 'country' }, pieces(), moved], sort: { id: 'bytes', down: true },
      empty: 'No transfer of this time has a place. Without a place file the agent knows none: storj-monitor geoip update' },
    { id: 'pieces', title: 'Hot pieces', help: 'Pieces that were downloaded again and again.', command: 'top', args: { kind: 'pieces' }, rows: '', ranged: true,
      columns: [{ key: 'piece', name: 'Piece', kind: 'code' }, { key: 'n', name: 'Downloads', kind: 'count', sum: true }, moved], sort: { id: 'n', down: true },
      empty: 'No piece was downloaded twice in this time.' },
    { id: 'reasons', title: 'Why canceled', help: 'What the log gives as the reason of canceled transfers. Most are races that another node won.', command: 'top', args: { kind: 'reasons' }, rows: '', ranged: true,
      columns: [{ key: 'text', name: 'Reason', kind: 'code' }, pieces('Transfers')], sort: { id: 'n', down: true }, empty: 'No transfer was canceled in this time.' },
    { id: 'sizes', title: 'Sizes', help: 'Transfers by kind, outcome and size of the piece.', command: 'top', args: { kind: 'sizes' }, rows: '', ranged: true,
      columns: [{ key: 'action', name: 'Kind', kind: 'text', words: ACTIONS }, { key: 'outcome', name: 'Outcome', kind: 'text' }, { key: 'least', name: 'From', kind: 'bytes' }, { key: 'below', name: 'Below', kind: 'bytes' }, pieces('Transfers')],
      empty: 'No transfer of this time has a size in the log.' },
    { id: 'slow', title: 'Slowest', help: 'Transfers that took longest, from 5 s on. Known where the log has the start of each transfer.', command: 'top', args: { kind: 'slow' }, rows: '', ranged: true,
      columns: [{ key: 'at', name: 'Ended', kind: 'time' }, { key: 'seconds', name: 'Took', kind: 'seconds' }, { key: 'action', name: 'Kind', kind: 'text', words: ACTIONS }, { key: 'outcome', name: 'Outcome', kind: 'text', hide: 'col-m' }, { ...satellite, hide: 'col-m' }, { key: 'bytes', name: 'Bytes', kind: 'bytes' }, { key: 'piece', name: 'Piece', kind: 'code', hide: 'col-x' }],
      sort: { id: 'seconds', down: true }, empty: 'No transfer took 5 s or more, or the log does not have their starts: from version 1.116 on they need the level DEBUG.' },
    { id: 'errors', title: 'Errors', help: 'Lines of ERROR and above in this time, equal ones counted as one.', command: 'top', args: { kind: 'errors' }, rows: '', ranged: true,
      columns: [{ key: 'level', name: 'Level', kind: 'text' }, { key: 'text', name: 'Message', kind: 'code' }, { key: 'logger', name: 'Logger', kind: 'text', hide: 'col-m' }, pieces('Lines')], sort: { id: 'n', down: true }, empty: 'The log has no error in this time.' },
  ],
  reputation: [
    { id: 'reputation', title: 'Where the scores go', help: 'How far each satellite is from its limit, and how fast it moves.', command: 'reputation', rows: 'satellites',
      columns: [satellite, { key: 'failures_left', name: 'Failed audits left', kind: 'count' }, { key: 'slope_per_day.audit', name: 'Audit a day', kind: 'points', hide: 'col-m' }, { key: 'slope_per_day.suspension', name: 'Suspension a day', kind: 'points', hide: 'col-x' }, { key: 'slope_per_day.online', name: 'Online a day', kind: 'points', hide: 'col-m' },
        { key: 'eta_days.online', name: 'Days to limit', kind: 'count', hide: 'col-x' }, { key: 'recovers_at', name: 'Online 95% again', kind: 'time', hide: 'col-m' }, { key: 'vetting.percent', name: 'Vetting', kind: 'percent' }, { key: 'vetting.eta', name: 'Vetted', kind: 'time', hide: 'col-x' }, { key: 'cause', name: 'Likely cause', kind: 'long' }],
      sort: { id: 'failures_left', down: false }, empty: 'No satellite has been read yet.' },
    { id: 'planner', title: 'How long away', help: 'Whole hours the node can be off from now on before the online score falls below a limit.', command: 'planner', rows: 'satellites',
      columns: [satellite, { key: 'score', name: 'Online now', kind: 'percent' }, { key: 'hours_to_95', name: 'Hours to 95%', kind: 'count' }, { key: 'hours_to_60', name: 'Hours to 60%', kind: 'count' }, { key: 'recovers_at', name: '95% again', kind: 'time', hide: 'col-m' }],
      sort: { id: 'hours_to_60', down: false }, empty: 'No satellite has told its windows of online time yet.' },
  ],
  storage: [
    { id: 'differences', title: 'Stored but not paid', help: 'Why the disk holds more than the satellites pay for.', command: 'storage', rows: 'differences',
      columns: [{ key: 'kind', name: 'What', kind: 'text', words: DIFFERENCES }, { key: 'bytes', name: 'Bytes', kind: 'bytes' }, { key: 'text', name: 'Why', kind: 'long' }], sort: { id: 'bytes', down: true }, empty: 'Node and satellites agree: nothing on the disk is unpaid.' },
    { id: 'reported', title: 'By satellite', help: 'What each satellite last reported, and what came in since.', command: 'storage', rows: 'satellites',
      columns: [satellite, { key: 'reported', name: 'Reported', kind: 'bytes', sum: true }, { key: 'reported_at', name: 'On', kind: 'day' }, { key: 'came_since', name: 'Came since', kind: 'bytes', sum: true }], sort: { id: 'reported', down: true }, empty: 'No satellite has reported yet.' },
  ],
  chores: [
    { id: 'runs', title: 'All tasks', help: 'Garbage collection, trash, walks and compactions, newest first.', command: 'runs', args: { limit: 500 }, rows: '', ranged: true,
      columns: [{ key: 'kind', name: 'Task', kind: 'text', words: RUNS }, satellite, { key: 'started', name: 'Started', kind: 'time' }, { key: 'stats.seconds', name: 'Took', kind: 'seconds' }, { key: 'ok', name: 'End', kind: 'text', words: ENDS }, { key: 'stats.bytes_deleted', name: 'Deleted', kind: 'bytes', hide: 'col-m', sum: true }, { key: 'stats.reclaimed_bytes', name: 'Reclaimed', kind: 'bytes', hide: 'col-m', sum: true }],
      sort: { id: 'started', down: true }, empty: 'The log tells of no task in this time.' },
    { id: 'insights', title: 'Unusual now', help: 'Values outside of what is usual for this node at this hour.', command: 'insights', rows: 'open',
      columns: [{ key: 'since', name: 'Since', kind: 'time' }, { key: 'text', name: 'What', kind: 'long' }, { key: 'cause', name: 'Likely cause', kind: 'long' }], sort: { id: 'since', down: true }, empty: 'Nothing is unusual. The agent needs some days before it knows what is usual.' },
    { id: 'insights-past', title: 'Was unusual', help: 'What was unusual within 30 days and is over.', command: 'insights', rows: 'recent',
      columns: [{ key: 'since', name: 'Since', kind: 'time' }, { key: 'until', name: 'Until', kind: 'time' }, { key: 'text', name: 'What', kind: 'long' }, { key: 'cause', name: 'Likely cause', kind: 'long', hide: 'col-m' }], sort: { id: 'since', down: true }, empty: 'Nothing was unusual within 30 days.' },
  ],
  money: [
    { id: 'payouts', title: 'Months', help: 'What the satellites counted and paid, beside our own estimate of that month.', command: 'payouts', rows: 'months',
      columns: [{ key: 'period', name: 'Month', kind: 'text' }, { key: 'earned', name: 'Earned', kind: 'usd', sum: true }, { key: 'held', name: 'Held', kind: 'usd', sum: true, hide: 'col-m' }, { key: 'disposed', name: 'Given back', kind: 'usd', sum: true, hide: 'col-x' }, { key: 'owed', name: 'Owed', kind: 'usd', sum: true, hide: 'col-x' }, { key: 'paid', name: 'Paid', kind: 'usd', sum: true }, { key: 'estimate', name: 'Estimate', kind: 'usd', hide: 'col-m' }, { key: 'difference_percent', name: 'Difference', kind: 'percent', hide: 'col-m' }, { key: 'per_tb_month', name: '$ a TB', kind: 'usd', hide: 'col-x' }],
      sort: { id: 'period', down: true }, empty: 'No month has been paid yet. Paystubs come in the second week of the next month.' },
    { id: 'leaks', title: 'Leaks', help: 'What costs money now, and what to do about it.', command: 'leaks', rows: 'rows',
      columns: [{ key: 'kind', name: 'What', kind: 'text', words: LEAKS }, { key: 'usd_per_month', name: 'A month', kind: 'usd', sum: true }, { key: 'usd_when_full', name: 'When full', kind: 'usd', hide: 'col-m' }, { key: 'text', name: 'Why', kind: 'long' }, { key: 'next_step', name: 'Next step', kind: 'long', hide: 'col-m' }], empty: 'Nothing costs you money that need not. Nothing to do.' },
  ],
}

/** The value at a path; undefined steps and null are null. */
export const valueAt = (row: unknown, path: string): unknown =>
  path.split('.').filter(Boolean).reduce<unknown>((at, step) => (at && typeof at === 'object' ? (at as Row)[step] ?? null : null), row)

/** The rows of an answer; none where it has another shape. */
export function rowsOf(answer: unknown, path: string): Row[] {
  const found = path ? valueAt(answer, path) : answer
  return Array.isArray(found) ? found.filter((row): row is Row => Boolean(row) && typeof row === 'object') : []
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
