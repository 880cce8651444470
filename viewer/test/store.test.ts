import { expect, test } from 'vitest'
import { applyDelta, applySnapshot, currentBoard, nodeOf, nodes, pageOf, problems } from '../src/data/store.ts'
import { sentenceOf } from '../src/data/status.ts'
import { alert, NOW } from './made.ts'

const ROOT = 'storj-monitor/nas/attic'

test('a snapshot and its deltas make nodes with their satellites and alerts', () => {
  applySnapshot({
    'storj-monitor/nas/status': 'online',
    [`${ROOT}/state`]: { status: 'ok' },
    [`${ROOT}/satellite/us1/state`]: { audit_score: 100 },
    'storj-monitor/nas/alerts': [alert({ id: 'shared', node: null, nodes: ['attic', 'loft'] })],
  })
  const attic = nodeOf('nas/attic')
  expect(attic.value?.satellites.map(one => one.name)).toEqual(['us1'])
  expect(attic.value?.alerts.map(one => one.id)).toEqual(['shared'])
  applyDelta({ [`${ROOT}/alerts`]: [alert({ id: 'own', severity: 'warning' })], 'storj-monitor/nas/loft/state': { status: 'critical' } }, [])
  expect(attic.value?.alerts.map(one => one.id)).toEqual(['shared', 'own'])
  expect(problems.value.map(one => [one.agent, one.id])).toEqual([['nas', 'shared'], ['nas', 'own']])
  expect(sentenceOf(nodes.value, [], NOW).tone).toBe('crit')
  applyDelta({}, ['storj-monitor/nas/loft/state', `${ROOT}/alerts`])
  expect(nodes.value.map(one => one.name)).toEqual(['attic'])
})

test('a new snapshot replaces everything', () => {
  applySnapshot({ 'storj-monitor/b/x/state': { status: 'ok' } })
  expect(Object.keys(currentBoard())).toEqual(['storj-monitor/b/x/state'])
  expect(nodeOf('nas/attic').value).toBeNull()
})

test('only a page is linked to, whatever an agent says its address is', () => {
  const told = { http: 'http://nas:8787/', https: 'https://nas.example.org/', script: 'javascript:alert(1)', data: 'data:text/html,x', none: null, number: 7 }
  applySnapshot(Object.fromEntries(Object.entries(told).map(([agent, url]) => [`storj-monitor/${agent}/about`, { url }])))
  expect(Object.keys(told).filter(agent => pageOf(agent) !== null)).toEqual(['http', 'https'])
  expect(pageOf('nobody')).toBeNull()
})
