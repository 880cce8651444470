import { expect, test } from 'vitest'
import { changeRows } from '../src/data/carry.ts'

const limits = [{ key: 'disk_full.warning', rule: 'disk_full', severity: 'warning', unit: '%', below: false, least: 50, most: 99.9, text: '' }]

test('an import is read before it is done: numbers with their unit, routes field by field', () => {
  const rows = changeRows([
    { node: null, key: 'disk_full.warning', old: 90, new: 85 },
    { node: 'attic', key: 'disk_full.warning', old: 90, new: 90 },
    { node: null, key: 'notify.quiet_hours', old: null, new: '22:00-07:00' },
    { node: null, key: 'route.phone', old: null, new: { url: 'ntfys://ntfy.sh', severities: ['critical'], nodes: [], quiet: false } },
    { node: null, key: 'route.mail', old: { url: 'mailtos://example.org', severities: ['critical', 'warning'] }, new: { url: 'mailtos://example.org', severities: ['critical'] } },
  ], limits)
  expect(rows.map(({ what, was, becomes }) => [what, was, becomes])).toEqual([
    ['disk_full.warning on every node', '90%', '85%'],
    ['disk_full.warning on attic', '90%', 'stays at 90%'],
    ['Quiet hours', 'none', '22:00-07:00'],
    ['Route phone', null, 'address: ntfys://ntfy.sh · alerts: critical · nodes: all nodes · keeps quiet hours: no'],
    ['Route mail, address', 'mailtos://example.org', 'another one, also at mailtos://example.org'],
    ['Route mail, alerts', 'critical, warning', 'critical'],
  ])
  expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length)
})
