import { expect, test } from 'vitest'
import { across, rows } from 'virtual:land'
import { isFlowing, KEPT, lastSeconds, onLive, receiveLive, watching } from '../src/data/live.ts'
import type { Line, Point } from '../src/data/protocol.ts'
import { project, unproject } from '../src/live/earth.ts'
import { fitsLog, withLines } from '../src/live/log.ts'
import { gapsOf } from '../src/views/livechart.tsx'
import { Countries, Places } from '../src/live/places.ts'
import { parseRoute } from '../src/route.ts'

const point = (action: string, bytes: number, lat: number | null, lon: number | null, country: string | null): Point => [0, action, 'ok', bytes, lat, lon, country]

test('seconds are summed by direction over nodes, listeners hear each message, old ones are forgotten', () => {
  const heard: string[] = []
  const leave = onLive(message => heard.push(message.node))
  const message = { t: 'live', at: 0, points: [], lines: [] } as const
  receiveLive({ ...message, node: 'a', points: [], lines: [], bins: [[100, 'GET', 'ok', 2, 50], [100, 'PUT', 'canceled', 1, 7]] })
  receiveLive({ ...message, node: 'b', points: [], lines: [], bins: [[100, 'GET_REPAIR', 'ok', 1, 5]] })
  expect(lastSeconds(['a', 'b'], 1, 100)).toEqual([{ out: 55, in: 7, outPieces: 3, inPieces: 1, open: null }])
  expect(lastSeconds(['b'], 1, 100)[0]).toMatchObject({ out: 5, in: 0 })
  expect(isFlowing.value).toBe(true)
  leave()
  for (let at = 0; at < 2 * KEPT; at++) receiveLive({ ...message, node: 'a', points: [], lines: [], bins: [[200 + at, 'PUT', 'ok', 1, 1]] })
  expect(heard).toEqual(['a', 'b'])
  expect(lastSeconds(['a'], 1, 100)[0]).toBeNull()
  expect(lastSeconds(['a'], 2 * KEPT, 200 + 2 * KEPT - 1).filter(second => second && second.inPieces > 0)).toHaveLength(KEPT + 1)
})

test('what is under way holds until it changes, and is not known before it is told', () => {
  const message = { t: 'live', points: [], lines: [], bins: [] } as const
  const told = (node: string, at: number, open: [number, number] | null) => receiveLive({ ...message, points: [], lines: [], bins: [], node, at: at * 1000 + 400, open })
  watching(['old', 'new'], 995)
  told('old', 1000, [3, 1])
  told('old', 1003, [2, 0])
  told('new', 1001, null)
  expect(lastSeconds(['old', 'new'], 5, 1004).map(second => second?.open)).toEqual([[3, 1], [3, 1], [3, 1], [2, 0], [2, 0]])
  expect(lastSeconds(['old'], 2, 1010).map(second => second?.open)).toEqual([[2, 0], [2, 0]])
  expect(lastSeconds(['old'], 1, 999)[0]!.open).toBeNull()
  expect(lastSeconds(['new'], 1, 1001)[0]!.open).toBeNull()
})

test('silence is zero while a node is watched; before, and while the connection was away, nothing is known', () => {
  const bin = (node: string, at: number) => receiveLive({ t: 'live', node, at: at * 1000, points: [], lines: [], bins: [[at, 'GET', 'ok', 1, 8]], open: [2, 0] })
  const outs = (names: string[]) => lastSeconds(names, 12, 2011).map(second => second && second.out)
  watching(['x', 'y'], 2001.4)
  bin('x', 2003)
  bin('y', 2003)
  watching([], 2005.9) // the connection is gone
  watching(['x'], 2008) // and back, for one of them
  bin('x', 2010)
  expect(outs(['x'])).toEqual([null, null, 0, 8, 0, null, null, null, 0, 0, 8, 0])
  expect(outs(['x', 'y'])).toEqual([null, null, 0, 16, 0, ...Array<null>(7).fill(null)])
  expect(lastSeconds(['x'], 5, 2010).map(second => second?.open)).toEqual([undefined, undefined, null, null, [2, 0]])
  expect(gapsOf(outs(['x']))).toEqual([[0, 2], [5, 3]])
  watching(['x', 'z'], 2009) // one more: the first goes on
  expect(outs(['x'])[9]).toBe(0)
})

test('the picture of the world and back', () => {
  for (const [lat, lon] of [[51.5, -0.1], [-33.8, 151.2], [37.7, -122]] as const) {
    const [x, y] = project(lat, lon)
    expect(x).toBeGreaterThan(0)
    expect(y).toBeLessThan(1)
    expect(unproject(x, y)!.lat).toBeCloseTo(lat)
    expect(unproject(x, y)!.lon).toBeCloseTo(lon)
  }
  expect(unproject(0, 0)).toBeNull()
})

test('the built land has Paris, and not the Pacific', () => {
  const dry = (lat: number, lon: number): boolean => {
    const [x, y] = project(lat, lon)
    const row = rows[Math.floor(y * rows.length)]!
    return row.some((start, at) => at % 2 === 0 && x * across >= start && x * across < start + row[at + 1]!)
  }
  expect([dry(48.8, 2.3), dry(-25, 134), dry(40, -100)]).toEqual([true, true, true])
  expect([dry(0, -150), dry(30, -45), dry(-20, 80)]).toEqual([false, false, false])
})

test('a place fades by half in half a minute, and is gone at last', () => {
  const places = new Places()
  places.add(point('GET', 800, 50, 10, 'DE'), 0)
  expect(places.shown(30)[0]).toMatchObject({ count: 0.5, bytes: 400 })
  expect(places.shown(600)).toEqual([])
  expect(places.add(point('GET', 1, null, null, null), 0)).toBeNull()
})

test('a steady flow is told as what it is', () => {
  const places = new Places()
  for (let second = 0; second < 600; second += 0.5) places.add(point('PUT', 1000, 50, 10, 'DE'), second)
  const [x, y] = project(50, 10)
  const { inward } = places.near(x, y, 0.01, 2, 600)!
  expect(inward.count).toBeGreaterThan(118)
  expect(inward.count).toBeLessThan(122)
  expect(inward.rate / 2000).toBeCloseTo(1, 1)
})

test('what is under the pointer is summed by country', () => {
  const places = new Places()
  for (const action of ['GET', 'PUT', 'GET_AUDIT']) places.add(point(action, 10, 50, 10, 'DE'), 0)
  places.add(point('GET', 10, -33, 151, 'AU'), 0)
  const [x, y] = project(50, 10)
  expect(places.near(x, y, 0.01, 2, 0)).toMatchObject({ country: 'DE' })
  const { out, inward } = places.near(x, y, 0.01, 2, 0)!
  expect(out.rate).toBeCloseTo(2 * inward.rate)
  expect(places.near(0.01, 0.9, 0.01, 2, 0)).toBeNull()
})

test('countries of five minutes, the most bytes first, without a place as well', () => {
  const countries = new Countries()
  countries.add(point('GET', 10, 50, 10, 'DE'), 0)
  countries.add(point('PUT', 99, 1, 1, 'SG'), 200)
  countries.add(point('GET', 5, null, null, null), 200)
  expect(countries.list(200).map(row => [row.code, row.out, row.in])).toEqual([['SG', 0, 99], ['DE', 10, 0], [null, 5, 0]])
  expect(countries.list(400).map(row => row.code)).toEqual(['SG', null])
  expect([countries.seen, countries.placed]).toEqual([3, 2])
})

test('equal lines of a node are one row that counts and moves up; the list is bounded', () => {
  const line = (at: number, message: string, level = 'ERROR'): Line => [at, level, 'piecestore', message, null, 'info']
  let log = withLines([], 'a', [line(1, 'x'), line(2, 'y', 'INFO'), line(3, 'x')])
  expect(log.map(row => [row.message, row.times, row.at])).toEqual([['x', 2, 3], ['y', 1, 2]])
  log = withLines(log, 'b', [line(4, 'x')])
  expect(log).toHaveLength(3)
  expect(log.filter(row => fitsLog(row, 'errors', '')).map(row => row.node)).toEqual(['b', 'a'])
  expect(log.filter(row => fitsLog(row, 'all', ' Y ')).map(row => row.message)).toEqual(['y'])
  for (let at = 0; at < 500; at++) log = withLines(log, 'a', [line(at, `m${at}`)])
  expect(log).toHaveLength(200)
})

test('routes, also of names with odd characters and broken escapes', () => {
  expect(parseRoute('')).toEqual({ page: 'overview', rest: [] })
  expect(parseRoute('#/node/nas/my%20node')).toEqual({ page: 'node', rest: ['nas', 'my node'] })
  expect(parseRoute('#/node/%E0%A4%A')).toEqual({ page: 'node', rest: ['%E0%A4%A'] })
})
