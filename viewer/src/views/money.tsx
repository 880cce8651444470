/** What a node earns this month, by satellite. */

import type { Node } from '../data/model.ts'
import { csv } from '../data/series.ts'
import { sortRows } from '../data/sorting.ts'
import { calmNow } from '../data/store.ts'
import { isNumber, money, size, sum } from '../text/numbers.ts'
import { DAY, monthName } from '../text/times.ts'
import { words } from '../text/words.ts'
import { Scroll, download } from '../ui/parts.tsx'
import { Q } from '../ui/why.tsx'
import { estimate } from './totals.tsx'

const say = words.money

export function MoneyCard({ node, wide }: { node: Node; wide: string }) {
  const { state } = node
  const month = state.month_started ?? calmNow.value
  const paid = node.satellites.filter(({ state: one }) => isNumber(one.payout_estimate) || isNumber(one.storage) || isNumber(one.egress_month))
  const rows = sortRows(paid, ({ state: one }) => one.payout_estimate ?? one.storage ?? null, true)
  const save = (): void =>
    download(words.csvName(`money-${node.name}`), csv(['satellite', 'storage_bytes', 'egress_bytes', 'held_usd', 'estimate_usd'], rows.map(({ name, state: one }) => [name, one.storage ?? null, one.egress_month ?? null, one.held_total ?? null, one.payout_estimate ?? null])))
  return (
    <section class={`card ${wide} fillc`}>
      <header>
        <h2>{say.head(monthName(month))}</h2>
        <span class="grow" />
        <button class="btn bare" type="button" onClick={save}>{words.chart.csv}</button>
      </header>
      <div class="row">
        <span class="v">{money(estimate(node))}</span>
        <span class="m soft">{isNumber(state.payout_estimate) ? words.totals.nodeSays(money(state.payout_estimate_node)) : say.theirs}</span>
      </div>
      {rows.length > 0 && <Table rows={rows} />}
      <dl class="four row gap3">
        <Item name={<Q topic="paid" at={state.ts}>{say.last(monthName(month - DAY, 'short'))}</Q>} value={money(state.payout_last_month)} />
        <Item name={<Q topic="held" at={state.ts}>{say.held}</Q>} value={money(state.held_total)} />
        <Item name={<Q topic="month" at={state.ts}>{say.egress}</Q>} value={size(state.egress_month)} />
        <Item name={<Q topic="month" at={state.ts}>{say.ingress}</Q>} value={size(state.ingress_month)} />
      </dl>
    </section>
  )
}

function Item({ name, value }: { name: preact.ComponentChildren; value: string }) {
  return <div><dt class="s faint">{name}</dt><dd><b>{value}</b></dd></div>
}

function Table({ rows }: { rows: Node['satellites'] }) {
  return (
    <Scroll label={words.reputation.satellite}>
      <table class="gap3">
        <thead>
          <tr>
            <th scope="col">{words.reputation.satellite}</th>
            <th scope="col" class="num"><Q topic="storage">{say.storage}</Q></th>
            <th scope="col" class="num">{say.egressShort}</th>
            <th scope="col" class="num col-m"><Q topic="held">{say.heldShort}</Q></th>
            <th scope="col" class="num"><Q topic="money">{say.payout}</Q></th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, state }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td class="num">{size(state.storage)}</td>
              <td class="num">{size(state.egress_month)}</td>
              <td class="num faint col-m">{money(state.held_total)}</td>
              <td class="num">{money(state.payout_estimate)}</td>
            </tr>
          ))}
        </tbody>
        {rows.length > 1 && (
          <tfoot>
            <tr>
              <th scope="row">{words.transfers.sum}</th>
              <td class="num">{size(sum(rows.map(({ state }) => state.storage)))}</td>
              <td class="num">{size(sum(rows.map(({ state }) => state.egress_month)))}</td>
              <td class="num col-m">{money(sum(rows.map(({ state }) => state.held_total)))}</td>
              <td class="num">{money(sum(rows.map(({ state }) => state.payout_estimate)))}</td>
            </tr>
          </tfoot>
        )}
      </table>
    </Scroll>
  )
}
