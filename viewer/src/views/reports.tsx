/** The report of a day, a week, a month or a year over the nodes of an agent: to be read, printed, or taken as CSV. */

import { useState } from 'preact/hooks'
import { ask, connection } from '../data/agent.ts'
import { beside, narrowed, PERIODS, REPORT_HEAD, reportRows, worstOf, type NodeReport, type Period, type Report } from '../data/report.ts'
import { useResource } from '../data/resource.ts'
import { csv } from '../data/series.ts'
import { agents, nodes, selection } from '../data/store.ts'
import { count, isNumber, money, percent, size, sizeChange, sum } from '../text/numbers.ts'
import { utcDay, utcMonth } from '../text/times.ts'
import { desk } from '../text/desk.ts'
import type { Topic } from '../text/explain.ts'
import '../text/explain-report.ts'
import { words } from '../text/words.ts'
import { download, Scroll, Seg, Skeleton } from '../ui/parts.tsx'
import { Q } from '../ui/why.tsx'
import { Happenings, SCORE_NAMES, Standings, standingsOf } from './reportparts.tsx'
import '../style/report.css'

const say = desk.reports
const CHOICES = PERIODS.map(period => [period, say.periods[period]] as const)

/** Those of this agent that are chosen in the header; null: all. */
function chosenOf(agent: string): ReadonlySet<string> | null {
  const mine = nodes.value.filter(node => !agent || node.agent === agent)
  const picked = mine.filter(({ key }) => selection.value.includes(key)).map(({ name }) => name)
  return picked.length && picked.length < mine.length ? new Set(picked) : null
}

export function ReportsPage() {
  const [period, setPeriod] = useState<Period>('day')
  const [at, setAt] = useState<number | null>(null)
  const [agent, setAgent] = useState(connection.agent.value || (agents.value[0] ?? ''))
  const several = agents.value.length > 1
  const args = { period, ...(at === null ? {} : { at }), ...(several ? { agent } : {}) }
  const answer = useResource(`report ${JSON.stringify(args)}`, 300, () => ask<Report>('report', args))
  const chosen = chosenOf(several ? agent : '')
  const report = answer.value && narrowed(answer.value, chosen)
  const choose = (next: Period): void => {
    setPeriod(next)
    setAt(null)
  }
  return (
    <div class="report">
      <div class="sec">
        <h1 class="h">{report ? say.head(say.periods[period], spanOf(report)) : words.pages.reports}</h1>
        {report && <span class="soft">{[several ? agent : '', chosen ? say.chosen(report.nodes.length, answer.value!.nodes.length) : '', report.complete ? '' : say.running].filter(Boolean).join(' · ')}</span>}
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
      {report ? <Sections report={report} toMonth={() => choose('month')} /> : answer.error ? <p class="m soft" role="status">{say.failed(answer.error)}</p> : <Skeleton lines={5} />}
    </div>
  )
}

/** Days are UTC days, as the node counts. */
function spanOf({ period, from, to }: Report): string {
  if (period === 'day') return utcDay(from)
  return period === 'week' ? `${utcDay(from)} – ${utcDay(to - 1)}` : period === 'month' ? utcMonth(from) : utcDay(from).slice(-4)
}

interface Column { name: string; topic: Topic; value(node: NodeReport): string; total?(report: Report): string; hide?: string }
const usd = (key: keyof NodeReport['money'], total?: 'estimate' | 'earned' | 'paid' | 'profit'): Omit<Column, 'name' | 'topic'> =>
  ({ value: node => money(node.money[key]), ...(total ? { total: (report: Report) => money(report.totals[total]) } : {}) })
const share = (kind: keyof NodeReport['success']): Column['value'] => node => percent(node.success[kind].percent)

const TRAFFIC: Column[] = [
  { name: say.out, topic: 'reportOut', value: node => size(node.traffic.egress), total: report => size(report.totals.egress) },
  { name: say.in, topic: 'reportIn', value: node => size(node.traffic.ingress), total: report => size(report.totals.ingress) },
  { name: say.download, topic: 'reportSuccess', value: share('download') }, { name: say.upload, topic: 'reportSuccess', value: share('upload') },
  { name: say.repair, topic: 'reportSuccess', value: share('repair'), hide: 'col-m' }, { name: say.audit, topic: 'reportSuccess', value: share('audit'), hide: 'col-m' },
]
const STORAGE: Column[] = [
  { name: say.used, topic: 'reportUsed', value: node => size(node.storage.disk_used), total: report => size(report.totals.disk_used) },
  { name: say.change, topic: 'reportChange', value: node => sizeChange(node.storage.change) }, { name: say.free, topic: 'reportFree', value: node => size(node.storage.disk_free) },
  { name: say.trash, topic: 'reportTrash', value: node => size(node.storage.disk_trash), hide: 'col-m' }, { name: say.allocated, topic: 'reportAllocated', value: node => size(node.storage.disk_allocated), hide: 'col-m' },
]
const MONEY: Column[] = [
  { name: say.earned, topic: 'reportEarned', ...usd('earned', 'earned') }, { name: say.estimate, topic: 'reportEstimate', ...usd('estimate', 'estimate') }, { name: say.paid, topic: 'reportPaid', ...usd('paid', 'paid') },
  { name: say.costs, topic: 'reportCosts', ...usd('costs'), hide: 'col-m' }, { name: say.profit, topic: 'reportProfit', ...usd('profit', 'profit'), hide: 'col-m' },
]

const hasMoney = ({ nodes: list }: Report): boolean => list.some(node => Object.values(node.money).some(isNumber))

function Sections({ report, toMonth }: { report: Report; toMonth(): void }) {
  if (report.nodes.length === 0) return <p class="m soft">{say.none}</p>
  return (
    <div class="stack">
      <Short report={report} />
      <Nodes head={say.traffic} columns={TRAFFIC} report={report} />
      <Nodes head={say.storage} columns={STORAGE} report={report} />
      {hasMoney(report) ? <Nodes head={say.money} columns={MONEY} report={report} /> : (
        <section class="card brief"><h2>{say.money}</h2><p class="m soft">{say.noMoney} <button class="link" type="button" onClick={toMonth}>{say.toMonth}</button></p></section>
      )}
      <Standings report={report} />
      <Happenings report={report} />
    </div>
  )
}

/** The six numbers that one looks for first. */
function Short({ report }: { report: Report }) {
  const { totals, nodes: list } = report
  const worst = worstOf(standingsOf(report))
  const share = (kind: 'download' | 'upload'): string => {
    const all = list.map(node => node.success[kind])
    const ended = sum(all.map(one => one.ok + one.canceled + one.failed)) ?? 0
    return percent(ended ? (100 * (sum(all.map(one => one.ok)) ?? 0)) / ended : null)
  }
  const weight = (severity: 'warning' | 'critical'): string => count(sum(list.map(({ events }) => events[severity])))
  const stats: [topic: Topic, label: string, value: string, sub: string][] = [
    ['reportOut', say.out, size(totals.egress), `${say.download} ${share('download')}`],
    ['reportIn', say.in, size(totals.ingress), `${say.upload} ${share('upload')}`],
    ['reportUsed', say.stored, size(totals.disk_used), list.some(node => isNumber(node.storage.change)) ? say.changeSub(sizeChange(sum(list.map(node => node.storage.change)))) : ''],
    ['reportEarned', say.earnedLabel, money(totals.earned), isNumber(totals.paid) ? say.paidSub(money(totals.paid)) : isNumber(totals.estimate) ? say.estimateSub(money(totals.estimate)) : say.noMoneySub],
    ['reportLowest', say.lowestLabel, percent(worst?.value), worst && worst.value >= 99.995 ? say.every : worst ? say.scoreOf(SCORE_NAMES[worst.key], worst.at.node, worst.at.one.name) : ''],
    ['reportEvents', say.weight, say.critical(weight('critical')), say.weightSub(weight('warning'))],
  ]
  return (
    <section class="card band" aria-label={say.label}>
      {stats.map(([topic, label, value, sub]) => <div class="stat" key={label}><span class="m soft"><Q topic={topic}>{label}</Q></span><span class="v">{value}</span><span class="sub">{sub}</span></div>)}
    </section>
  )
}

function Nodes({ head, columns, report }: { head: string; columns: Column[]; report: Report }) {
  return (
    <section class="card">
      <header class="hd0"><h2>{head}</h2></header>
      <Scroll label={head}>
        <table>
          <thead><tr><th scope="col">{words.columns.node}</th>{columns.map(({ name, topic, hide }) => <th scope="col" key={name} class={`num ${hide ?? ''}`}><Q topic={topic}>{name}</Q></th>)}</tr></thead>
          <tbody>{report.nodes.map(node => <tr key={node.node}><th scope="row">{node.node}</th>{columns.map(({ name, value, hide }) => <td key={name} class={`num ${hide ?? ''}`}>{value(node)}</td>)}</tr>)}</tbody>
          {report.nodes.length > 1 && <tfoot><tr><th scope="row">{words.transfers.sum}</th>{columns.map(({ name, total, hide }) => <td key={name} class={`num ${hide ?? ''}`}>{total?.(report)}</td>)}</tr></tfoot>}
        </table>
      </Scroll>
    </section>
  )
}
