import { expect, test } from 'vitest'
import { byHost, parseTopic, SCORES, toneOfScore, worstAlerts, worstScore } from '../src/data/model.ts'
import { compareKeys, sortedHosts, sortRows } from '../src/data/sorting.ts'
import { alert, node, NOW } from './made.ts'

test('topics are understood, strangers are not', () => {
  expect(parseTopic('storj-monitor/nas/about')).toEqual({ agent: 'nas', node: null, kind: 'about', satellite: null })
  expect(parseTopic('storj-monitor/nas/attic/state')).toEqual({ agent: 'nas', node: 'attic', kind: 'state', satellite: null })
  expect(parseTopic('storj-monitor/nas/attic/satellite/us1/state')).toEqual({ agent: 'nas', node: 'attic', kind: 'satellite', satellite: 'us1' })
  expect(parseTopic('homeassistant/device/x/config')).toBeNull()
  expect(parseTopic('storj-monitor')).toBeNull()
})

test('hosts by their worst node, nodes worst first, then by name as people count', () => {
  const on = (agent: string, name: string, status: string) => node(name, { status }, { agent, key: `${agent}/${name}` })
  const hosts = byHost([on('a', 'n10', 'ok'), on('a', 'n9', 'ok'), on('b', 'x', 'ok'), on('b', 'y', 'warning'), on('c', 'z', 'critical')], NOW)
  expect(hosts.map(host => host.agent)).toEqual(['c', 'b', 'a'])
  expect(hosts[1]!.nodes.map(one => one.name)).toEqual(['y', 'x'])
  expect(hosts[2]!.nodes.map(one => one.name)).toEqual(['n9', 'n10'])
})

test('alerts: worst, then not yet acknowledged, then oldest', () => {
  const list = [
    alert({ id: 'info', severity: 'info' }), alert({ id: 'new', since: NOW }), alert({ id: 'seen', since: 1, acknowledged: NOW }), alert({ id: 'old', since: 5 }),
    alert({ id: 'warn', severity: 'warning' }),
  ]
  expect(worstAlerts(list).map(one => one.id)).toEqual(['old', 'new', 'seen', 'warn', 'info'])
})

test('each score turns at its own limits', () => {
  const [audit, suspension, online] = SCORES as [(typeof SCORES)[0], (typeof SCORES)[0], (typeof SCORES)[0]]
  expect([100, 99.95, 99.9, 97, 96].map(value => toneOfScore(audit, value))).toEqual(['ok', 'ok', 'warn', 'crit', 'crit'])
  expect([100, 94.9, 70].map(value => toneOfScore(suspension, value))).toEqual(['ok', 'warn', 'crit'])
  expect(toneOfScore(online, null)).toBe('unk')
})

test('the worst score is the one with the least way left, not the smallest number', () => {
  const found = worstScore([node('a', { audit_score: 96.4, online_score: 80 }), node('b', { audit_score: null })])
  expect([found?.row.name, found?.value, found?.node.name]).toEqual(['audit', 96.4, 'a'])
  expect(worstScore([node('a', { audit_score: null, suspension_score: null, online_score: null })])).toBeNull()
})

test('what is not known sorts last, up or down', () => {
  const values = [3, null, 1, 2]
  expect(sortRows(values, value => value, false)).toEqual([1, 2, 3, null])
  expect(sortRows(values, value => value, true)).toEqual([3, 2, 1, null])
  expect(compareKeys('n9', 'n10', false)).toBeLessThan(0)
})

test('by name the trouble stays on top; by hand the column decides', () => {
  const nodes = [node('a', { disk_used: 1 }), node('b', { disk_used: 9, status: 'critical' }), node('c', { disk_used: 5 })]
  const names = (sort: { id: string; down: boolean }) =>
    sortedHosts(nodes, NOW, sort, sort.id === 'node' ? one => one.name : one => one.state.disk_used ?? null)[0]!.nodes.map(one => one.name)
  expect(names({ id: 'node', down: false })).toEqual(['b', 'a', 'c'])
  expect(names({ id: 'node', down: true })).toEqual(['c', 'b', 'a'])
  expect(names({ id: 'disk', down: true })).toEqual(['b', 'c', 'a'])
})
