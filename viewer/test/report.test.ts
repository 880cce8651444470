import { expect, test } from 'vitest'
import { beside, happened, isPerfect, narrowed, reportRows, worstOf, type NodeReport, type Report } from '../src/data/report.ts'

const counted = { ok: 9, canceled: 1, failed: 0, rejected: 0, bytes: 90, percent: 90 }
const report: Report = {
  period: 'day', from: 86_400, to: 172_800, complete: true,
  nodes: [{
    node: 'attic', traffic: { ingress: 1, egress: null },
    success: { download: counted, upload: counted, repair: counted, audit: counted },
    storage: { disk_allocated: 8, disk_used: 4, disk_free: 4, disk_trash: 0, change: null },
    money: { estimate: null, earned: 0.25, held: null, paid: null, costs: null, profit: null },
    reputation: [{ name: 'us1', audit_score: 100, audit_score_lowest: 99 }],
    events: { warning: 2, critical: 0, more: false, rows: [] },
  }],
  totals: { ingress: 1, egress: null, disk_used: 4, estimate: null, earned: 0.25, paid: null, profit: null },
}

test('each figure has a row; what is not known is empty, not 0', () => {
  const rows = reportRows(report)
  const of = (measure: string): unknown => rows.find(row => row[4] === measure)
  expect(of('traffic.egress')).toEqual(['1970-01-02T00:00:00.000Z', '1970-01-03T00:00:00.000Z', 'attic', '', 'traffic.egress', null])
  expect(of('download.percent')).toContain(90)
  expect(of('money.earned')).toContain(0.25)
  expect(of('reputation.audit_score_lowest')).toEqual(expect.arrayContaining(['us1', 99]))
  expect(rows.every(row => row.length === 6)).toBe(true)
})

test('the period beside lies right before, or begins right after', () => {
  expect([beside(report, -1), beside(report, 1)]).toEqual([86_399, 172_800])
})

const cellar: NodeReport = { ...report.nodes[0]!, node: 'cellar', traffic: { ingress: 5, egress: 7 } }
const two: Report = { ...report, nodes: [report.nodes[0]!, cellar], totals: { ...report.totals, ingress: 6, egress: 7, earned: 0.5 } }

test('a report of some nodes adds up what is known of them', () => {
  expect(narrowed(two, null)).toBe(two)
  expect(narrowed(two, new Set(['cellar'])).totals).toMatchObject({ ingress: 5, egress: 7, earned: 0.25, paid: null })
  expect(narrowed(two, new Set(['attic'])).totals).toMatchObject({ ingress: 1, egress: null })
})

test('the lowest score is the one with the least of its own way to the limit left, at its worst in the time', () => {
  const stood = (name: string, scores: Record<string, number>) => ({ node: 'attic', one: { name, ...scores } })
  const fine = stood('eu1', { audit_score: 100, suspension_score: 100, online_score: 100 })
  const online = stood('us1', { audit_score: 100, suspension_score: 100, online_score: 99.9, online_score_lowest: 80 })
  const audit = stood('ap1', { audit_score: 97.5, suspension_score: 100, online_score: 100 })
  expect(worstOf([fine, online, audit])).toMatchObject({ key: 'audit_score', value: 97.5 })
  expect(worstOf([fine, online])).toMatchObject({ key: 'online_score', value: 80 })
  expect([fine, online, stood('new', { audit_score: 100 })].map(isPerfect), 'what is not known is not perfect').toEqual([true, false, false])
  expect(worstOf([])).toBeNull()
})

test('equal things of a node are one, the newest of them; what is critical comes first', () => {
  const row = (at: number, severity: string, text: string) => ({ at, severity, text })
  const events = { warning: 2, critical: 1, more: false, rows: [row(9, 'warning', 'slow'), row(7, 'warning', 'slow'), row(5, 'critical', 'gone')] }
  expect(happened([{ ...cellar, events }, { ...cellar, node: 'attic', events: { ...events, rows: [row(8, 'warning', 'slow')] } }])).toEqual([
    { node: 'cellar', at: 5, severity: 'critical', text: 'gone', times: 1 },
    { node: 'cellar', at: 9, severity: 'warning', text: 'slow', times: 2 },
    { node: 'attic', at: 8, severity: 'warning', text: 'slow', times: 1 },
  ])
})
