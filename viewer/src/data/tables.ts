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
export type Section = 'traffic' | 'reputation' | 'storage' | 'chores' | 'money'

const ACTIONS = { GET: 'Download', PUT: 'Upload', GET_REPAIR: 'Repair out', PUT_REPAIR: 'Repair in', GET_AUDIT: 'Audit' }
const RUNS = {
  compaction: 'Compaction', trash: 'Emptying trash', trash_walk: 'Trash walk', bloom_filter: 'Bloom filter received', gc: 'Garbage collection',
  gc_walk: 'Garbage walk', used_space: 'Used-space walk', migration: 'Migration',
}
const LEAKS = { garbage: 'Garbage', dead_bytes: 'Dead bytes', suspended: 'Suspended', unsent_orders: 'Unsent orders', races_lost: 'Lost races', disk_full: 'Full disk' }
const DIFFERENCES = { dead: 'Dead bytes', trash: 'Trash', late: 'Not yet reported', garbage: 'Garbage' }
const ENDS = { true: 'done', false: 'failed' }

const times = (action: keyof typeof ACTIONS, title: string): Table => ({
  id: `times-${action}`, title, help: 'How long the log says they took, by the hour or day: half, 95% and 99% were done within. To the second.',
  command: 'latency', args: { action }, rows: 'rows', ranged: true,
  columns: [{ key: 't', name: 'From', kind: 'time' }, { key: 'n', name: 'Measured', kind: 'count', sum: true }, { key: 'p50', name: 'Half within', kind: 'seconds' }, { key: 'p95', name: '95% within', kind: 'seconds' }, { key: 'p99', name: '99% within', kind: 'seconds' }],
  sort: { id: 't', down: true }, empty: 'No duration is known: the log must have the start of each transfer, from version 1.116 on at the level DEBUG.',
})

const usd = (key: string, name: string, hide?: 'col-m' | 'col-x'): Column => ({ key, name, kind: 'usd', sum: true, ...(hide ? { hide } : {}) })

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
    times('GET', 'Download times'), times('PUT', 'Upload times'),
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
    { id: 'forecast', title: 'When it is full', help: 'By the growth of the last weeks; earliest and latest are where nine of ten such paces lead.', command: 'forecast', rows: '.',
      columns: [{ key: 'free', name: 'Free', kind: 'bytes' }, { key: 'slope_per_day', name: 'Growth a day', kind: 'bytes' }, { key: 'full_at.earliest', name: 'Full, earliest', kind: 'day', hide: 'col-m' }, { key: 'full_at.likely', name: 'Full, likely', kind: 'day' }, { key: 'full_at.latest', name: 'Full, latest', kind: 'day', hide: 'col-m' }, { key: 'history_days', name: 'Days known', kind: 'count' }],
      empty: 'Nothing is known of the growth yet.' },
    { id: 'used', title: 'Used, by day', help: 'The mean of each day, 90 days back.', command: 'forecast', rows: 'rows',
      columns: [{ key: 't', name: 'Day', kind: 'day' }, { key: 'disk_used', name: 'Used', kind: 'bytes' }], sort: { id: 't', down: true }, empty: 'No day is known yet.' },
  ],
  chores: [
    { id: 'runs', title: 'All tasks', help: 'Garbage collection, trash, walks and compactions, newest first.', command: 'runs', args: { limit: 500 }, rows: '', ranged: true,
      columns: [{ key: 'kind', name: 'Task', kind: 'text', words: RUNS }, satellite, { key: 'started', name: 'Started', kind: 'time' }, { key: 'stats.seconds', name: 'Took', kind: 'seconds' }, { key: 'ok', name: 'End', kind: 'text', words: ENDS }, { key: 'stats.bytes_deleted', name: 'Deleted', kind: 'bytes', hide: 'col-m', sum: true }, { key: 'stats.data_reclaimed', name: 'Reclaimed', kind: 'bytes', hide: 'col-m', sum: true }],
      sort: { id: 'started', down: true }, empty: 'The log tells of no task in this time.' },
    { id: 'compactions', title: 'Compactions', help: 'Of the hashstore, the newest fifty: what was dead, what was won back, how long it took.', command: 'compactions', rows: 'rows',
      columns: [{ key: 'started', name: 'Started', kind: 'time' }, satellite, { key: 'subject', name: 'Store', kind: 'text', hide: 'col-m' }, { key: 'stats.seconds', name: 'Took', kind: 'seconds' }, { key: 'ok', name: 'End', kind: 'text', words: ENDS }, { key: 'stats.before_data_reclaimable', name: 'Dead before', kind: 'bytes', sum: true, hide: 'col-m' }, { key: 'stats.data_reclaimed', name: 'Won back', kind: 'bytes', sum: true }, { key: 'stats.data_rewritten', name: 'Rewritten', kind: 'bytes', sum: true, hide: 'col-m' }],
      sort: { id: 'started', down: true }, empty: 'The log tells of no compaction. Only nodes with a hashstore have them.' },
    { id: 'marks', title: 'What happened', help: 'Starts, updates, changed settings, notes and alerts of 30 days: the moments to compare around.', command: 'marks', rows: '',
      columns: [{ key: 'at', name: 'When', kind: 'time' }, { key: 'kind', name: 'Kind', kind: 'text' }, { key: 'text', name: 'What', kind: 'long' }], sort: { id: 'at', down: true }, empty: 'Nothing happened within 30 days.' },
    { id: 'insights', title: 'Unusual now', help: 'Values outside of what is usual for this node at this hour.', command: 'insights', rows: 'open',
      columns: [{ key: 'since', name: 'Since', kind: 'time' }, { key: 'text', name: 'What', kind: 'long' }, { key: 'cause', name: 'Likely cause', kind: 'long' }], sort: { id: 'since', down: true }, empty: 'Nothing is unusual. The agent needs some days before it knows what is usual.' },
    { id: 'insights-past', title: 'Was unusual', help: 'What was unusual within 30 days and is over.', command: 'insights', rows: 'recent',
      columns: [{ key: 'since', name: 'Since', kind: 'time' }, { key: 'until', name: 'Until', kind: 'time' }, { key: 'text', name: 'What', kind: 'long' }, { key: 'cause', name: 'Likely cause', kind: 'long', hide: 'col-m' }], sort: { id: 'since', down: true }, empty: 'Nothing was unusual within 30 days.' },
  ],
  money: [
    { id: 'payouts', title: 'Months', help: 'What the satellites counted and paid, beside our own estimate of that month.', command: 'payouts', rows: 'months',
      columns: [{ key: 'period', name: 'Month', kind: 'text' }, { key: 'earned', name: 'Earned', kind: 'usd', sum: true }, { key: 'held', name: 'Held', kind: 'usd', sum: true, hide: 'col-m' }, { key: 'disposed', name: 'Given back', kind: 'usd', sum: true, hide: 'col-x' }, { key: 'owed', name: 'Owed', kind: 'usd', sum: true, hide: 'col-x' }, { key: 'paid', name: 'Paid', kind: 'usd', sum: true }, { key: 'estimate', name: 'Estimate', kind: 'usd', hide: 'col-m' }, { key: 'difference_percent', name: 'Difference', kind: 'percent', hide: 'col-m' }, { key: 'per_tb_month', name: '$ a TB', kind: 'usd', hide: 'col-x' }],
      sort: { id: 'period', down: true }, empty: 'No month has been paid yet. Paystubs come in the second week of the next month.' },
    { id: 'month', title: 'This month', help: 'Our estimate of the whole month, the part earned so far, and what the settings say the node costs.', command: 'payouts', rows: 'month',
      columns: [{ key: 'period', name: 'Month', kind: 'text' }, usd('estimate', 'Estimate'), usd('so_far', 'So far'), usd('estimate_node', 'Node says', 'col-m'), usd('storage', 'Storage', 'col-m'), usd('egress', 'Egress', 'col-m'), usd('repair_audit', 'Repair, audit', 'col-x'), usd('held', 'Held', 'col-x'), usd('electricity', 'Electricity', 'col-x'), usd('disk_cost', 'Disk', 'col-x'), usd('profit', 'Profit')],
      empty: 'Nothing is known of this month.' },
    { id: 'month-satellites', title: 'This month by satellite', help: 'Our estimate of the whole month.', command: 'payouts', rows: 'month.satellites',
      columns: [satellite, usd('estimate', 'Estimate'), usd('so_far', 'So far'), usd('storage', 'Storage', 'col-m'), usd('egress', 'Egress', 'col-m'), usd('held', 'Held'), { key: 'held_percent', name: 'Held share', kind: 'percent', hide: 'col-m' }, { key: 'month_number', name: 'Month', kind: 'count', hide: 'col-x' }],
      sort: { id: 'estimate', down: true }, empty: 'Nothing is known of this month.' },
    { id: 'paystubs', title: 'Paystubs', help: 'Each satellite, each month, with its receipt.', command: 'payouts', rows: 'months', inner: 'satellites',
      columns: [{ key: 'of.period', name: 'Month', kind: 'text' }, satellite, usd('earned', 'Earned'), usd('held', 'Held', 'col-m'), usd('disposed', 'Given back', 'col-x'), usd('paid', 'Paid'), { key: 'surge_percent', name: 'Surge', kind: 'percent', hide: 'col-x' }, { key: 'created', name: 'Made', kind: 'day', hide: 'col-m' }, { key: 'receipt.link', name: 'Receipt', kind: 'link' }],
      sort: { id: 'of.period', down: true }, empty: 'No month has been paid yet.' },
    { id: 'held', title: 'Held', help: 'What each satellite holds. Half comes back after 15 months, the rest at a graceful exit.', command: 'payouts', rows: 'held.satellites',
      columns: [satellite, { key: 'joined', name: 'Since', kind: 'day', hide: 'col-m' }, usd('held', 'Ever held'), usd('returned', 'Given back', 'col-m'), usd('comes_back', 'Comes back'), { key: 'comes_back_in', name: 'In', kind: 'text', hide: 'col-m' }, usd('on_exit', 'At a graceful exit')],
      sort: { id: 'held', down: true }, empty: 'Nothing is known of held amounts.' },
    { id: 'leaks', title: 'Leaks', help: 'What costs money now, and what to do about it.', command: 'leaks', rows: 'rows',
      columns: [{ key: 'kind', name: 'What', kind: 'text', words: LEAKS }, { key: 'usd_per_month', name: 'A month', kind: 'usd', sum: true }, { key: 'usd_when_full', name: 'When full', kind: 'usd', hide: 'col-m' }, { key: 'text', name: 'Why', kind: 'long' }, { key: 'next_step', name: 'Next step', kind: 'long', hide: 'col-m' }], empty: 'Nothing costs you money that need not. Nothing to do.' },
  ],
}

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
