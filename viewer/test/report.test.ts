import { expect, test } from 'vitest'
import { beside, reportRows, type Report } from '../src/data/report.ts'

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
