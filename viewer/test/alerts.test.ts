import { expect, test } from 'vitest'
import { closedOf, insightsOf, joined, latestNotice, nextOf, noticesOf, parted, pastCells, pastOf, renewed, type Pages } from '../src/data/alerts.ts'
import { grouped } from '../src/data/model.ts'
import { covers } from '../src/data/silences.ts'
import { amount } from '../src/data/settings.ts'
import { clears, current, ended, fires, watched } from '../src/text/rules.ts'
import { alert, NOW, problem } from './made.ts'

test('equal alerts of several agents are one row; within an agent they stay apart', () => {
  const a = problem({ id: 'x:a', agent: 'nas', node: 'a' })
  const b = problem({ id: 'x:b', agent: 'nas', node: 'b' })
  const c = problem({ id: 'x:c', agent: 'pi', node: 'c' })
  const mild = problem({ id: 'x:d', agent: 'pi', node: 'd', severity: 'warning' })
  expect(grouped([a, b, mild])).toEqual([[a], [b], [mild]])
  expect(grouped([a, b, c, mild])).toEqual([[a, b, c], [mild]])
})

const page = (agent: string, ...times: number[]) => pastOf(times.map(since => ({ ...alert({ id: `x:${agent}` }), since, closed: since + 60, ended: 'cleared' })), agent)

test('the history of several agents is read back evenly and shown in order, each row once', () => {
  const nas = joined(undefined, page('nas', 90, 80, 70), 3)
  const pi = joined(undefined, page('pi', 60, 20, 10), 3)
  const shown = (...pages: Pages[]) => closedOf(pages).map(({ since }) => since)
  expect(nas.before).toBe(71)
  expect(shown(nas, pi), 'what is older than 70 may still come from nas').toEqual([90, 80, 70])
  expect(nextOf(new Map([['nas', nas], ['pi', pi]]))).toEqual(['nas'])
  const more = joined(nas, page('nas', 70, 50), 3)
  expect(more.before, 'a short page is the last').toBeNull()
  expect(shown(more, pi)).toEqual([90, 80, 70, 60, 50, 20, 10])
  expect(nextOf(new Map([['nas', more], ['pi', pi]]))).toEqual(['pi'])
  expect(joined(more, page('nas', 70, 50, 50), 3).before, 'a page without news is the end').toBeNull()
  expect(shown(renewed(more, joined(undefined, page('nas', 95, 90, 80), 3)))).toEqual([95, 90, 80, 70, 50])
})

test('notices are by alert; of all, the latest', () => {
  const by = noticesOf([['nas', [{ id: 'a', told: [{ route: 'phone', at: 9 }, { route: 'mail', at: 5 }] }, { id: 'b', told: [] }]], ['old', [{ id: 'a' }]], ['odd', null]])
  expect([...by]).toEqual([['nas a', [{ route: 'phone', at: 9 }, { route: 'mail', at: 5 }]], ['nas b', []]])
  expect(latestNotice([...by.values()].flat().map(notice => ({ notice })))?.notice.route).toBe('phone')
  expect(latestNotice([])).toBeNull()
})

test('an open alert is no past', () => {
  const [row] = pastOf([{ ...alert(), closed: null }], 'nas')
  expect(closedOf([joined(undefined, [row!], 9)])).toEqual([])
  expect(pastCells(page('nas', NOW)[0]!)).toEqual(['nas', 'garage', '', 'audit_failed', 'critical', '2026-11-23T02:13:20.000Z', '2026-11-23T02:14:20.000Z', 60, 'cleared', 'it is broken', null])
})

test('a silence covers an alert only when all its subjects are meant', () => {
  const aim = { agent: 'nas', node: null, rule: null, satellite: null }
  const two = problem({ node: null, nodes: ['a', 'b'], satellite: null, satellites: ['us1', 'eu1'] })
  expect(covers(aim, two)).toBe(true)
  expect(covers({ ...aim, agent: 'pi' }, two)).toBe(false)
  expect(covers({ ...aim, node: 'a' }, two)).toBe(false)
  expect(covers({ ...aim, rule: 'audit_failed', node: 'garage' }, problem())).toBe(true)
  expect(covers({ ...aim, satellite: 'us1' }, two)).toBe(false)
  expect(covers({ ...aim, satellite: 'us1' }, problem())).toBe(false)
})

const level = { severity: 'warning', fire: 90, clear: 88, for: 300, keep: 3600, threshold: 'disk_full.warning' }
const rule = { id: 'disk_full', scope: 'node', needs: [], below: false, levels: [level], text: 'The disk of NODE is nearly full: ….', cost: '', next_step: '', link: '' }
const limit = { key: 'disk_full.warning', rule: 'disk_full', severity: 'warning', unit: '%', below: false, least: 50, most: 99.9, text: '' }
const catalogue = { rules: new Map([['disk_full', rule]]), limits: new Map([['disk_full warning', limit]]), values: new Map([['disk_full.warning', 90]]), error: null }

test('a rule says in words when it opens, when it closes, and what ended an alert', () => {
  expect(fires(rule, level, catalogue)).toBe('at 90% and above for 5 min')
  expect(clears(rule, level, catalogue)).toBe('at 88% and below for 1 h')
  expect(fires({ ...rule, below: true }, { ...level, for: 0 }, catalogue)).toBe('at 90% and below')
  expect(clears({ ...rule, below: true }, { ...level, clear: null, keep: 0 }, catalogue)).toBe('above 90%')
  const asks = { ...rule, levels: [{ ...level, fire: 1, clear: null }] }
  expect(fires(asks, asks.levels[0]!, catalogue)).toBe('when it is so for 5 min')
  const [past] = pastOf([{ ...alert({ rule: 'disk_full' }), closed: NOW, ended: 'cleared' }], 'nas')
  expect(ended(past!, catalogue)).toBe('It was back at 88% and below for 1 h.')
  expect(ended({ ...past!, value: 86.4 }, catalogue)).toBe('It was back at 86.4%; it closes at 88% and below for 1 h.')
  expect(ended(past!, { ...catalogue, rules: new Map([['disk_full', asks]]) })).toBe('It was no longer so for 1 h.')
  expect(ended({ ...past!, ended: 'unwatched' }, catalogue)).toBe('The node is no longer watched.')
  expect(ended({ ...past!, ended: null }, catalogue), 'an older agent noted nothing').toBe('')
  expect(watched(rule)).toBe('The disk of the node is nearly full.')
})

test('a number that was set takes the one at which the alert closes along', () => {
  const set = (value: number) => ({ ...catalogue, values: new Map([['disk_full.warning', value]]) })
  expect(current(rule, level, set(45))).toMatchObject({ fire: 45, clear: 44 })
  expect(current({ ...rule, below: true }, { ...level, fire: 14, clear: 21 }, set(30))).toMatchObject({ fire: 30, clear: 37 })
  expect(current(rule, { ...level, threshold: null }, set(45))).toMatchObject({ fire: 90, clear: 88 })
})

test('numbers keep their unit', () => {
  expect([amount(99.95, '%'), amount(14, 'days'), amount(0.5, 'times'), amount(4500, '')]).toEqual(['99.95%', '14 days', '0.50 times', '4,500'])
})

test('what an alert costs is parted from what happened', () => {
  expect(parted('It is broken. It costs.', 'It costs.')).toEqual(['It is broken.', 'It costs.'])
  expect(parted('It is broken.', '')).toEqual(['It is broken.', ''])
  expect(parted('It is broken.', undefined)).toEqual(['It is broken.', ''])
})

test('insights of several agents: open ones oldest first, recent ones newest first', () => {
  const found = insightsOf([['nas', { open: [{ since: 5 }], recent: [{ since: 1 }], learning: { attic: { errors: null } } }], ['pi', { open: [{ since: 3 }], recent: [{ since: 2 }] }], ['old', null]])
  expect(found.open.map(({ agent, since }) => [agent, since])).toEqual([['pi', 3], ['nas', 5]])
  expect(found.recent.map(({ since }) => since)).toEqual([2, 1])
  expect(found.learning).toEqual({ attic: { errors: null } })
})
