/** The report of a day, a week, a month or a year over all nodes of an agent: to be read, printed, or taken as CSV. */

import { useState } from 'preact/hooks'
import { ask, connection } from '../data/agent.ts'
import { beside, PERIODS, REPORT_HEAD, reportRows, type NodeReport, type Period, type Report } from '../data/report.ts'
import { useResource } from '../data/resource.ts'
import { csv } from '../data/series.ts'
import { agents } from '../data/store.ts'
import { count, money, percent, size, sizeChange, type Maybe } from '../text/numbers.ts'
import { dayAndTime, exact, utcDay, utcMonth } from '../text/times.ts'
import { words } from '../text/words.ts'
import { download, Scroll, Seg, Skeleton } from '../ui/parts.tsx'

const say = words.reports
const CHOICES = PERIODS.map(period => [period, say.periods[period]] as const)

export function ReportsPage() {
  const [period, setPeriod] = useState<Period>('day')
  const [at, setAt] = useState<number | null>(null)
  const [agent, setAgent] = useState(connection.agent.value || (agents.value[0] ?? ''))
  const several = agents.value.length > 1
  const args = { period, ...(at === null ? {} : { at }), ...(several ? { agent } : {}) }
  const answer = useResource(`report ${JSON.stringify(args)}`, 300, () => ask<Report>('report', args))
  const report = answer.value
  const choose = (next: Period): void => {
    setPeriod(next)
    setAt(null)
  }
  return (
    <div class="report">
      <div class="sec">
        <h1 class="h">{report ? say.head(say.periods[period], spanOf(report)) : words.pages.reports}</h1>
        {report && !report.complete && <span class="soft">{say.running}</span>}
        <span class="grow" />
        <div class="tools">
          {several && <select class="field" aria-label={say.agent} value={agent} onChange={event => setAgent(event.currentTarget.value)}>{agents.value.map(one => <option key={one}>{one}</option>)}</select>}
          <Seg label={say.period} of={CHOICES} value={period} set={choose} />
          <button class="btn" type="button" disabled={!report} onClick={() => setAt(beside(report!, -1))}>{say.before}</button>
          <button class="btn" type="button" disabled={!report || !report.complete} onClick={() => setAt(beside(report!, 1))}>{say.after}</button>
          <button class="btn" type="button" disabled={!report} onClick={() => download(words.csvName(`report-${period}`), csv(REPORT_HEAD, reportRows(report!)))}>{words.chart.csv}</button>
          <button class="btn" type="button" disabled={!report} onClick={() => print()}>{say.print}</button>
        </div>
      </div>
      {report ? <Sections report={report} /> : answer.error ? <p class="m soft" role="status">{say.failed(answer.error)}</p> : <Skeleton lines={5} />}
    </div>
  )
}

/** Days are UTC days, as the node counts. */
function spanOf({ period, from, to }: Report): string {
  if (period === 'day') return utcDay(from)
  return period === 'week' ? `${utcDay(from)} – ${utcDay(to - 1)}` : period === 'month' ? utcMonth(from) : utcDay(from).slice(-4)
}

interface Column { name: string; value(node: NodeReport): string; total?(report: Report): string; hide?: string }
const usd = (key: keyof NodeReport['money'], total?: 'estimate' | 'earned' | 'paid' | 'profit'): Omit<Column, 'name'> =>
  ({ value: node => money(node.money[key]), ...(total ? { total: (report: Report) => money(report.totals[total]) } : {}) })
const share = (kind: keyof NodeReport['success']): Column['value'] => node => percent(node.success[kind].percent)

const TABLES: { head: string; columns: Column[] }[] = [
  { head: say.traffic, columns: [
    { name: say.out, value: node => size(node.traffic.egress), total: report => size(report.totals.egress) },
    { name: say.in, value: node => size(node.traffic.ingress), total: report => size(report.totals.ingress) },
    { name: say.download, value: share('download') }, { name: say.upload, value: share('upload') },
    { name: say.repair, value: share('repair'), hide: 'col-m' }, { name: say.audit, value: share('audit'), hide: 'col-m' },
  ] },
  { head: say.storage, columns: [
    { name: say.used, value: node => size(node.storage.disk_used), total: report => size(report.totals.disk_used) },
    { name: say.change, value: node => sizeChange(node.storage.change) }, { name: say.free, value: node => size(node.storage.disk_free) },
    { name: say.trash, value: node => size(node.storage.disk_trash), hide: 'col-m' }, { name: say.allocated, value: node => size(node.storage.disk_allocated), hide: 'col-m' },
  ] },
  { head: say.money, columns: [
    { name: say.earned, ...usd('earned', 'earned') }, { name: say.estimate, ...usd('estimate', 'estimate') }, { name: say.paid, ...usd('paid', 'paid') },
    { name: say.costs, ...usd('costs'), hide: 'col-m' }, { name: say.profit, ...usd('profit', 'profit'), hide: 'col-m' },
  ] },
]

function Sections({ report }: { report: Report }) {
  if (report.nodes.length === 0) return <p class="m soft">{say.none}</p>
  return (
    <div class="stack">
      {TABLES.map(({ head, columns }) => <Nodes key={head} head={head} columns={columns} report={report} />)}
      <Standing report={report} />
      <Happened report={report} />
    </div>
  )
}

function Nodes({ head, columns, report }: { head: string; columns: Column[]; report: Report }) {
  return (
    <section class="card">
      <header class="hd0"><h2>{head}</h2></header>
      <Scroll label={head}>
        <table>
          <thead><tr><th scope="col">{words.columns.node}</th>{columns.map(({ name, hide }) => <th scope="col" key={name} class={`num ${hide ?? ''}`}>{name}</th>)}</tr></thead>
          <tbody>{report.nodes.map(node => <tr key={node.node}><th scope="row">{node.node}</th>{columns.map(({ name, value, hide }) => <td key={name} class={`num ${hide ?? ''}`}>{value(node)}</td>)}</tr>)}</tbody>
          {report.nodes.length > 1 && <tfoot><tr><th scope="row">{words.transfers.sum}</th>{columns.map(({ name, total, hide }) => <td key={name} class={`num ${hide ?? ''}`}>{total?.(report)}</td>)}</tr></tfoot>}
        </table>
      </Scroll>
    </section>
  )
}

const SCORES = [['audit_score', say.auditScore], ['suspension_score', say.suspensionScore], ['online_score', say.onlineScore]] as const

/** The last score, and the lowest where it was lower. */
const shownScore = (last: Maybe, lowest: Maybe): string =>
  typeof lowest === 'number' && typeof last === 'number' && lowest < last - 0.005 ? say.lowest(percent(last), percent(lowest)) : percent(last)

function Standing({ report }: { report: Report }) {
  const rows = report.nodes.flatMap(({ node, reputation }) => reputation.map(one => ({ node, one })))
  if (rows.length === 0) return null
  return (
    <section class="card">
      <header class="hd0"><h2>{words.reputation.head}</h2></header>
      <Scroll label={words.reputation.head}>
        <table>
          <thead><tr><th scope="col">{words.columns.node}</th><th scope="col">{words.reputation.satellite}</th>{SCORES.map(([key, name]) => <th scope="col" class="num" key={key}>{name}</th>)}</tr></thead>
          <tbody>{rows.map(({ node, one }) => <tr key={`${node} ${one.name}`}><th scope="row">{node}</th><td>{one.name}</td>{SCORES.map(([key]) => <td class="num" key={key}>{shownScore(one[key] as Maybe, one[`${key}_lowest`] as Maybe)}</td>)}</tr>)}</tbody>
        </table>
      </Scroll>
    </section>
  )
}

function Happened({ report }: { report: Report }) {
  const rows = report.nodes.flatMap(({ node, events }) => events.rows.map(event => ({ node, ...event }))).sort((a, b) => b.at - a.at)
  const [warning, critical] = (['warning', 'critical'] as const).map(word => count(report.nodes.reduce((all, { events }) => all + events[word], 0))) as [string, string]
  return (
    <section class="card">
      <header class="hd0"><h2>{say.happened}</h2><span class="s faint">{say.events(critical, warning)}</span></header>
      {rows.length === 0 ? <p class="m soft">{say.quiet}</p> : (
        <Scroll label={say.happened}>
          <table>
            <thead><tr><th scope="col">{words.chart.time}</th><th scope="col">{words.columns.node}</th><th scope="col">{words.templates.text}</th></tr></thead>
            <tbody>{rows.map((row, index) => <tr key={index}><th scope="row" class="nb" title={exact(row.at)}>{dayAndTime(row.at)}</th><td>{row.node}</td><td class="wrap">{row.text}</td></tr>)}</tbody>
          </table>
        </Scroll>
      )}
    </section>
  )
}
