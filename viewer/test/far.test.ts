import { expect, test } from 'vitest'
import { inTurn } from '../src/data/far.ts'

test('three are under way at a time, each gets its turn, and a fault gives its place back', async () => {
  let now = 0
  let most = 0
  const ended: number[] = []
  const work = (n: number) => async () => {
    most = Math.max(most, ++now)
    await new Promise(resolve => setTimeout(resolve, 1))
    now--
    ended.push(n)
    if (n % 4 === 0) throw new Error(String(n))
    return n
  }
  const all = await Promise.allSettled(Array.from({ length: 11 }, (_, n) => inTurn(work(n))))
  expect(most).toBe(3)
  expect(ended).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  expect(all.filter(({ status }) => status === 'rejected')).toHaveLength(3)
  await inTurn(work(1))
  expect(now).toBe(0)
})
