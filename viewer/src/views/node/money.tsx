/** What a node earns: this month by satellite, what was paid and what we expected, what leaks, what is held, costs and profit. */

import { useState } from 'preact/hooks'
import { ask, nodeArgs } from '../../data/agent.ts'
import type { Node } from '../../data/model.ts'
import { monthsOf, type Month, type Payouts } from '../../data/payouts.ts'
import { useResource, type Resource } from '../../data/resource.ts'
import { csv } from '../../data/series.ts'
import { TABLES } from '../../text/tables.ts'
import { calmNow } from '../../data/store.ts'
import { count, decimal, isNumber, money, size, withSign } from '../../text/numbers.ts'
import { day, monthName } from '../../text/times.ts'
import { nodeWords } from '../../text/node.ts'
import { words } from '../../text/words.ts'
import { Bars } from '../../ui/bars.tsx'
import { ChartFrame, NoPicture } from '../../ui/chart.tsx'
import { useMarked } from '../../ui/marked.tsx'
import { download, Scroll, Seg, Skeleton } from '../../ui/parts.tsx'
import { Q } from '../../ui/why.tsx'
import { MoneyCard as Plain } from '../money.tsx'
import { TableBody } from '../tables.tsx'
import { Fold, isPolled, Unpolled, type SectionProps } from './section.tsx'

const say = nodeWords.payouts

const usePayouts = (node: Node): Resource<Payouts> =>
  useResource(`payouts ${node.key}`, 300, () => ask<Payouts>('payouts', { ...nodeArgs(node), months: 120 }))

export function Money({ node, happenings }: SectionProps) {
  return isPolled(node) ? <Books node={node} happenings={happenings} /> : <Unpolled title={nodeWords.nodePage.names.money}>{nodeWords.nodePage.noMoney}</Unpolled>
}

function Books({ node, happenings }: SectionProps) {
  const answer = usePayouts(node)
  const found = answer.value
  if (!found) {
    return answer.error ? <Plain node={node} wide="w12" /> : <section class="card w12"><Skeleton lines={4} /></section>
  }
  return (
    <>
      <MonthCard node={node} found={found} />
      <PaidCard node={node} found={found} happenings={happenings} />
      <LeaksCard node={node} found={found} />
      <Fold title={say.paystubs}><TableBody node={node} table={TABLES.paystubs} /></Fold>
      <Fold title={say.heldFold}><TableBody node={node} table={TABLES.held} /></Fold>
    </>
  )
}

function MonthCard({ node, found: { month } }: { node: Node; found: Payouts }) {
  const rows = [...month.satellites].sort((a, b) => (b.estimate ?? -1) - (a.estimate ?? -1))
  const save = (): void => download(words.csvName(`${node.name}-${month.period}`), csv(
    ['satellite', 'storage_usd', 'egress_usd', 'repair_audit_usd', 'held_usd', 'held_percent', 'estimate_usd', 'so_far_usd'],
    rows.map(row => [row.name, row.storage, row.egress, row.repair_audit, row.held, row.held_percent, row.estimate, row.so_far]),
  ))
  const held = (percent: number | null): string => (isNumber(percent) ? `${count(percent)}%` : '–')
  return (
    <section class="card w5">
      <header>
        <h2><Q topic="money" at={node.state.ts}>{words.money.head(monthName(node.state.month_started ?? calmNow.value))}</Q></h2>
        <span class="grow" />
        <button class="btn bare" type="button" onClick={save}>{words.chart.csv}</button>
      </header>
      <div class="row"><span class="v est">{money(month.estimate)}</span><span class="m soft">{say.soFar(money(month.so_far), money(month.estimate_node))}</span></div>
      <Scroll label={words.money.head('')}>
        <table class="gap3">
          <thead><tr><th scope="col">{words.reputation.satellite}</th><th scope="col" class="num">{say.storage}</th><th scope="col" class="num">{say.egress}</th><th scope="col" class="num col-m">{say.repair}</th><th scope="col" class="num"><Q topic="held">{say.held}</Q></th><th scope="col" class="num">{say.payout}</th></tr></thead>
          <tbody>
            {rows.map(row => (
              <tr key={row.satellite}>
                <th scope="row">{row.name}</th>
                <td class="num">{money(row.storage)}</td><td class="num">{money(row.egress)}</td><td class="num col-m">{money(row.repair_audit)}</td>
                <td class="num faint">{held(row.held_percent)}</td><td class="num"><b>{money(row.estimate)}</b></td>
              </tr>
            ))}
          </tbody>
          {rows.length > 1 && (
            <tfoot><tr><th scope="row">{words.transfers.sum}</th><td class="num">{money(month.storage)}</td><td class="num">{money(month.egress)}</td><td class="num col-m">{money(month.repair_audit)}</td><td class="num">{money(month.held)}</td><td class="num">{money(month.estimate)}</td></tr></tfoot>
          )}
        </table>
      </Scroll>
    </section>
  )
}

const SPANS = [['12', say.year], ['all', say.ever]] as const

/** Paid is solid, expected is dashed: the month that runs, and what we had expected of those that are paid. */
function PaidCard({ node, found, happenings }: SectionProps & { found: Payouts }) {
  const [span, setSpan] = useState<'12' | 'all'>('12')
  const marked = useMarked(node, happenings)
  const months = monthsOf(found, span === '12' ? 12 : 600)
  const paid = months.filter(({ paid }) => isNumber(paid))
  const every = Math.ceil(months.length / 12)
  const bars = months.map((month, index) => ({
    value: month.paid, dashed: month.estimate, title: titleOf(month),
    label: (months.length - 1 - index) % every === 0 ? monthName(month.start, 'short') : '',
  }))
  const sheet = { name: `${node.name}-months`, head: ['month', 'earned_usd', 'held_usd', 'given_back_usd', 'paid_usd', 'estimate_usd', 'difference_percent', 'usd_per_tb_month'], rows: months.map(one => [one.period, one.earned, one.held, one.disposed, one.paid, one.estimate, one.off, one.perTb]) }
  const shown = months.map(one => [one.period, money(one.earned), money(one.held), money(one.disposed), money(one.paid), money(one.estimate), off(one.off), money(one.perTb)]).reverse()
  return (
    <section class="card w7 fill">
      <ChartFrame title={<Q topic="paid">{say.head}</Q>} tools={<Seg label={words.chart.range} of={SPANS} value={span} set={setSpan} />} sheet={sheet} shown={shown} shownHead={say.columns}>
        {months.length === 0 ? <NoPicture>{say.none}</NoPicture> : (
          <>
            <p class="ans">{paid.length ? say.answer(money(paid.reduce((sum, one) => sum + (one.paid ?? 0), 0)), paid.length) : say.nothingYet}</p>
            <p class="s faint">{said(months)}</p>
            <div class="tall gap3"><Bars label={say.label(months.length)} bars={bars}>{marked.over({ from: months[0]!.start, to: months.at(-1)!.end })}</Bars></div>
          </>
        )}
      </ChartFrame>
      <p class="legend s"><span><svg class="key-box"><rect width="100%" height="100%" rx="1" /></svg> {say.paidKey}</span><span><svg class="key-box"><rect class="now" width="100%" height="100%" rx="1" /></svg> {say.estimateKey}</span></p>
      {marked.below}
    </section>
  )
}

const off = (value: number | null): string => (isNumber(value) ? withSign(value, `${decimal(Math.abs(value), 1)}%`) : '–')

function titleOf({ period, paid, estimate, off: difference }: Month): string {
  const parts = [isNumber(paid) ? say.paid(money(paid)) : say.running, isNumber(estimate) ? say.expected(money(estimate)) : '', isNumber(difference) ? off(difference) : '']
  return `${period}: ${parts.filter(Boolean).join(', ')}`
}

/** How good our estimates were. */
function said(months: Month[]): string {
  const known = months.filter(({ off: value }) => isNumber(value))
  const last = known.at(-1)
  return last ? say.compared(monthName(last.start), off(last.off), known.length, decimal(Math.max(...known.map(one => Math.abs(one.off!))), 1)) : say.notCompared
}

// ---- what leaks ----

interface Leak { kind: string; bytes: number | null; usd_per_month: number | null; usd_when_full: number | null; since: number | null; text: string; next_step: string; name: string | null }
interface Leaks { usd_per_month: number; rows: Leak[] }

function LeaksCard({ node, found }: { node: Node; found: Payouts }) {
  const { value, error } = useResource(`leaks ${node.key}`, 300, () => ask<Leaks>('leaks', nodeArgs(node)))
  const save = (): void => download(words.csvName(`${node.name}-leaks`), csv(['leak', 'bytes', 'usd_per_month', 'usd_when_full', 'since', 'text'], (value?.rows ?? []).map(row => [row.kind, row.bytes, row.usd_per_month, row.usd_when_full, row.since, row.text])))
  return (
    <section class="card w12">
      <header>
        <h2><Q topic="leaks">{say.leaks}</Q></h2><span class="s faint">{say.leaksBelow}</span><span class="grow" />
        {value && <b>{say.aMonth(money(value.usd_per_month))}</b>}
        {value && value.rows.length > 0 && <button class="btn bare" type="button" onClick={save}>{words.chart.csv}</button>}
      </header>
      {!value ? (error ? <p class="m soft">{words.tables.failed(error)}</p> : <Skeleton lines={2} />) : value.rows.length === 0 ? <p class="m soft">{say.noLeaks}</p> : (
        <Scroll label={say.leaks}>
          <table>
            <thead><tr><th scope="col">{say.leak}</th><th scope="col" class="num col-m">{say.size}</th><th scope="col" class="num">{say.month}</th><th scope="col" class="num col-m">{say.whenFull}</th><th scope="col" class="col-m">{say.since}</th><th scope="col">{say.next}</th></tr></thead>
            <tbody>
              {value.rows.map(row => (
                <tr key={`${row.kind} ${row.name}`} title={row.text}>
                  <th scope="row">{say.kinds[row.kind] ?? row.kind}{row.name ? `, ${row.name}` : ''}</th>
                  <td class="num col-m">{size(row.bytes)}</td><td class="num"><b>{money(row.usd_per_month)}</b></td><td class="num col-m">{money(row.usd_when_full)}</td>
                  <td class="col-m faint">{isNumber(row.since) ? day(row.since) : '–'}</td><td class="soft wrap">{row.next_step}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      <Worth found={found} />
    </section>
  )
}

/** Per terabyte, held, costs and profit: this month. */
function Worth({ found: { month, held, totals } }: { found: Payouts }) {
  const spent = [month.electricity, month.disk_cost].filter(isNumber)
  const rows: [preact.ComponentChildren, string][] = [
    [<Q topic="perTb">{say.perTb}</Q>, money(month.per_tb_month)],
    [say.perDisk, money(month.per_tb_disk)],
    [<Q topic="held">{say.heldTotal}</Q>, money(held?.total ?? null)],
    [say.onExit, money(held?.on_exit ?? null)],
    [say.ever2, money(totals?.paid ?? null)],
    [<Q topic="costs">{say.costs}</Q>, spent.length ? `−${money(spent.reduce((a, b) => a + b, 0))}` : '–'],
    [<Q topic="costs">{say.profit}</Q>, money(month.profit)],
  ]
  return (
    <>
      <dl class="pct four">{rows.map(([name, value], index) => <div key={index}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
      {spent.length === 0 && <p class="s faint gap3">{say.costsHint}</p>}
    </>
  )
}
