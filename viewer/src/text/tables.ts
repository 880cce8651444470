/** Tables of the node page as data: which command, where its rows are, what the columns are and are called. */

import type { Column, Table } from '../data/tables.ts'

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
