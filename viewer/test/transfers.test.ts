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
  expect(tally).toEqual({ ok: 96, canceled: 3, failed: 1, rejected: 50, bytes: 963 })
  expect(ended(tally)).toBe(100)
  expect(success(tally)).toBe(96)
})

test('no transfers, no share', () => {
  expect(success(tallyOf([], () => true))).toBeNull()
})

test('answers are read wrapped or plain, and nonsense is empty', () => {
  expect(transferRows({ rows: ROWS })).toHaveLength(4)
  for (const nonsense of [null, 7, 'x', {}, [null, 1]]) expect(transferRows(nonsense)).toEqual([])
})

test('windows: counts become shares, none asked is not known', () => {
  expect(windowsOf([{ online: 5, total: 20 }, { online: 0, total: 0 }, { share: 1 }])).toEqual([{ share: 0.25 }, { share: null }, { share: 1 }])
  expect(windowsOf({ windows: [{ online: 1, total: 1 }] })).toEqual([{ share: 1 }])
  expect(windowsOf(null)).toEqual([])
})
