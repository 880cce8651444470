import { expect, test } from 'vitest'
import { splitDrawing } from '../src/chart/split.ts'
import { efficiency, sortOf, throughput } from '../src/data/compactions.ts'
import { happeningsIn } from '../src/data/happenings.ts'
import { counted } from '../src/data/history.ts'
import { boundsOf, monthsOf, type Payouts } from '../src/data/payouts.ts'
import { edge, sizeClasses, spanOf } from '../src/data/sizes.ts'
import { outlook, type Standing } from '../src/data/standings.ts'
import { resultOf, taskOf, type Run } from '../src/data/tasks.ts'
import { DAY } from '../src/text/times.ts'
import { meaningOf, worstTemplates, type Template } from '../src/views/errors.tsx'
import { spoken } from '../src/views/node/tasks.tsx'
import { alert, node, NOW } from './made.ts'

test('a press on a head asks for its order, a second one for the other way where the agent has one', () => {
  expect([sortOf('newest', 'reclaimed'), sortOf('reclaimed', 'reclaimed'), sortOf('newest', 'newest', 'oldest'), sortOf('oldest', 'newest', 'oldest')])
    .toEqual(['reclaimed', 'reclaimed', 'oldest', 'newest'])
})

test('efficiency and throughput are unknown where nothing was rewritten, not 0 or endless', () => {
  expect([efficiency(300, 100), efficiency(300, 0), efficiency(undefined, 5)]).toEqual([3, null, null])
  expect([throughput(50e6, 2), throughput(50e6, 0), throughput(0, 5)]).toEqual([25, null, null])
})

const payouts = (paid: Record<string, number>, now: string): Pick<Payouts, 'months' | 'month'> => ({
  months: Object.entries(paid).map(([period, usd]) => ({ period, earned: usd, held: 0, disposed: 0, paid: usd, estimate: usd + 1, difference_percent: -5, per_tb_month: 2 })),
  month: { period: now, estimate: 9 } as Payouts['month'],
})

test('months go on to the one that runs; one without a paystub is a gap, not missing and not 0', () => {
  const months = monthsOf(payouts({ '2026-10': 7, '2026-08': 5, '2025-12': 1 }, '2026-11'), 3)
  expect(months.map(({ period, paid, estimate }) => [period, paid, estimate])).toEqual([['2026-08', 5, 6], ['2026-09', null, null], ['2026-10', 7, 8], ['2026-11', null, 9]])
  expect(boundsOf('2026-12')).toEqual({ start: Date.UTC(2026, 11) / 1000, end: Date.UTC(2027, 0) / 1000 })
  expect(monthsOf(payouts({}, '2026-11'), 12).map(({ period }) => period)).toEqual(['2026-11'])
})

test('sizes: outcomes of a class are one row with its success; edges are powers of two', () => {
  const row = (outcome: string, least: number, n: number, action = 'GET') => ({ action, outcome, least, below: least + 2048, n })
  const classes = sizeClasses([row('ok', 2048, 3), row('canceled', 2048, 1), row('rejected', 2048, 9), row('ok', 0, 4), row('ok', 0, 9, 'PUT')], 'GET')
  expect(classes.map(({ least, ended, success }) => [least, ended, success])).toEqual([[0, 4, 100], [2048, 4, 75]])
  expect([edge(100), edge(2048), edge(1 << 21)]).toEqual(['100 B', '2 KiB', '2 MiB'])
  expect([spanOf({ least: 0, below: 2048 }), spanOf({ least: 2048, below: 16384 }), spanOf({ least: 1 << 21, below: null })]).toEqual(['below 2 KiB', '2 KiB to 16 KiB', '2 MiB and more'])
})

const run = (more: Partial<Run>): Run => ({ kind: 'gc', satellite: 's', name: 'us1', subject: '', started: NOW, ended: NOW + 9, ok: true, stats: {}, ...more })

test('a task: what runs, the last that is over, how many failed, how long they took', () => {
  const task = taskOf('gc', [run({ started: NOW - 99, stats: { seconds: 5 } }), run({ ended: null, ok: null }), run({ started: NOW - 50, ok: false, stats: { seconds: 7 } })])!
  expect([task.running.length, task.last!.started, task.failed, task.trend]).toEqual([1, NOW - 50, 1, [5, 7]])
  expect(taskOf('gc', [])).toBeNull()
  expect(spoken([run({ kind: 'migration', name: '' }), run({ kind: 'migration' }), run({ kind: 'compaction', subject: 's0' })])).toEqual(['Migration (us1)', 'Compaction (us1 s0)'])
  expect(resultOf(run({ stats: { deleted_pieces: 20_227, pieces_count: 3_247_865 } }))).toBe('20,227 pieces to trash, of 3,247,865')
  expect(resultOf(run({ kind: 'trash', stats: { bytes_deleted: 2e9, num_keys_deleted: 7 } }))).toBe('2.00 GB freed, 7 pieces')
  expect(resultOf(run({ kind: 'used_space' }))).toBe('')
})

const standing = (more: Partial<Standing>): Standing => {
  const none = { audit: null, suspension: null, online: null }
  return { name: 'us1', failures_left: 41, slope_per_day: none, eta_days: none, recovers_at: null, vetting: null, cause: '', ...more }
}

test('a content satellite is not spoken of; what moves says how fast and where to', () => {
  expect(outlook(standing({}), NOW)).toEqual([])
  expect(outlook(standing({ slope_per_day: { audit: 0.001, suspension: null, online: -0.5 }, eta_days: { audit: null, suspension: null, online: 20 }, cause: 'It was away.' }), NOW))
    .toEqual(['the online score moves by −0.50 points a day and would be at its limit in about 20 days.', 'It was away.'])
  expect(outlook(standing({ recovers_at: NOW - DAY, vetting: { percent: 40, audits: 40, audits_needed: 100, eta: null } }), NOW)).toEqual(['vetting, 40% done, 40 of 100 audits.'])
})

test('marks: the agent’s words get their letters, an open alert speaks for itself once', () => {
  const told = [{ at: 1, kind: 'updated', text: 'new version' }, { at: 2, kind: 'crashed', text: 'it died' }, { at: 3, kind: 'compaction', text: 's1' }, { at: 4, kind: 'agent', text: 'said' }, { at: 5, kind: 'alert', text: 'node_down' }, { at: 6, kind: 'alert', text: 'quic' }]
  const shown = happeningsIn(told, node('a', {}, { alerts: [alert({ since: 5, text: 'it is down' })] }))
  expect(shown.map(({ at, letter, text }) => [at, letter, text])).toEqual([[1, 'U', 'new version'], [2, 'D', 'it died'], [3, 'C', 'long compaction of s1'], [6, '!', 'alert quic'], [5, '!', 'it is down']])
})

test('where lines were read and none counted, there were none; where none were read, that is not known', () => {
  expect(counted({ step: 60, columns: ['t', 'errors', 'log_lines'], rows: [[0, null, 50], [60, 2, 50], [120, null, null]] }).rows).toEqual([[0, 0], [60, 2], [120, null]])
})

test('taken apart, out stays above the axis and in below it, on one scale', () => {
  const series = { step: 60, t: [0, 60], known: [1, 1], values: { a: [1e6, null], b: [5e5, 2e6] } }
  const lines = [{ key: 'a', name: 'a', tone: 'x', below: false }, { key: 'b', name: 'b', tone: 'y', below: true }]
  const drawn = splitDrawing(series, lines, 'Mbit/s', 8e-6, { from: 0, to: 120, most: 4, now: 'now', edge: 0.02 })
  expect(drawn.lines.map(({ values }) => values)).toEqual([[8, null], [-4, -16]])
  expect([drawn.low, drawn.high]).toEqual([-20, 10])
  expect(drawn.grid.at(-1)!.label).toBe('10 Mbit/s')
})

test('log lines: what needs a look, then what only looks bad, then the rest; each with its meaning', () => {
  const line = (text: string, more: Partial<Template>): Template => ({ level: 'ERROR', logger: '', text, n: 1, meaning: 'It broke off.', next_step: null, cause: null, benign: false, severity: 'warning', ...more })
  const sorted = worstTemplates([line('info', { level: 'INFO', severity: 'info', n: 99 }), line('noise', { benign: true, severity: 'info', n: 50 }), line('worry', {}), line('grave', { severity: 'critical' }), line('new', { severity: null, meaning: null, n: 9 })])
  expect(sorted.map(({ text }) => text)).toEqual(['grave', 'new', 'worry', 'noise', 'info'])
  expect(meaningOf(line('', { benign: true, cause: 'the other side went away' }))).toBe('benign: It broke off. Here: the other side went away.')
  expect(worstTemplates([line('by its error', { depends: true }), line('worry', {})])[0]!.text).toBe('worry')
  expect(meaningOf(line('', { depends: true }))).toMatch(/^It broke off\. Harmless or not/)
  expect(meaningOf(line('', { meaning: null }))).toMatch(/^Not in the catalogue/)
})
