import { expect, test } from 'vitest'
import { ended, success, tallyOf, transferRows } from '../src/data/transfers.ts'
import { windowsOf } from '../src/data/windows.ts'

const ROWS = [
  { satellite: 'a', action: 'PUT', outcome: 'ok', count: 96, bytes: 960 },
  { satellite: 'a', action: 'PUT', outcome: 'canceled', count: 3, bytes: 3 },
  { satellite: 'b', action: 'PUT', outcome: 'failed', count: 1, bytes: 0 },
  { satellite: '', action: 'PUT', outcome: 'rejected', count: 50, bytes: 0 },
]

test('a share is ok of all that ended; what was rejected never began', () => {
  const tally = tallyOf(transferRows(ROWS), row => row.action === 'PUT')
  expect(tally).toEqual({ ok: 96, canceled: 3, failed: 1, rejected: 50, judged: 100, bytes: 963 })
  expect(ended(tally)).toBe(100)
  expect(success(tally)).toBe(96)
})

test('an audit whose satellite went away is no failure', () => {
  const audits = [['ok', 98], ['canceled', 5], ['failed', 2]].map(([outcome, count]) => ({ satellite: 'a', action: 'GET_AUDIT', outcome: String(outcome), count: Number(count), bytes: 0 }))
  const tally = tallyOf(audits, () => true)
  expect([success(tally), ended(tally)]).toEqual([98, 105])
})

test('no transfers, no share', () => {
  expect(success(tallyOf([], () => true))).toBeNull()
})

test('answers are read wrapped or plain, and nonsense is empty', () => {
  expect(transferRows({ rows: ROWS })).toHaveLength(4)
  for (const nonsense of [null, 7, 'x', {}, [null, 1]]) expect(transferRows(nonsense)).toEqual([])
})

test('windows: counts become shares by satellite, none asked is not known', () => {
  const answer = { columns: ['t', 'total', 'online'], satellites: { us1: [[0, 20, 5], [43_200, 0, 0]] } }
  expect(windowsOf(answer)).toEqual({ us1: [{ start: 0, share: 0.25 }, { start: 43_200, share: null }] })
  expect(windowsOf(null)).toEqual({})
})
