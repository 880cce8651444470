/** The totals: six numbers, each with one line of comparison. */

import type { ComponentChildren } from 'preact'
import { useDay, useSum, useWeighted } from '../data/history.ts'
import { toneOfScore, worstScore, type Node } from '../data/model.ts'
import type { Series } from '../data/series.ts'
import { calmNow } from '../data/store.ts'
import { ended, success, tallyOf, useTransfers } from '../data/transfers.ts'
import type { Topic } from '../text/explain.ts'
import { count, decimal, isNumber, least, mbit, type Maybe, money, percent, size, sizeChange, sizePair, sizesTogether, sum } from '../text/numbers.ts'
import { DAY, monthName, monthOf } from '../text/times.ts'
import { words } from '../text/words.ts'
import { DayBars, FlowSpark, LineSpark } from '../ui/marks.tsx'
import { Rates } from '../ui/parts.tsx'
import { fullWhen } from '../data/status.ts'
import { Q } from '../ui/why.tsx'

const say = words.totals

interface StatProps { topic: Topic; label: string; sub?: string | null | undefined; figures?: string | undefined; at?: number | null; children: ComponentChildren; spark?: ComponentChildren }

function Stat({ topic, label, sub, figures, at, children, spark }: StatProps) {
  return (
    <div class="stat">
      <Q topic={topic} figures={figures} at={at}>{label}</Q>
      {children}
      <span class="sub">{sub}</span>
      {spark}
    </div>
  )
}

export function Totals({ nodes }: { nodes: Node[] }) {
  const at = least(nodes.map(node => node.state.ts))
  return (
    <section class="card band" aria-label={say.label}>
      <Earnings nodes={nodes} at={at} />
      <Stored nodes={nodes} at={at} />
      <Traffic nodes={nodes} at={at} />
      <Success nodes={nodes} at={at} kind="download" />
      <Success nodes={nodes} at={at} kind="upload" />
      <WorstScore nodes={nodes} at={at} />
    </section>
  )
}

interface Props { nodes: Node[]; at: number | null }

/** Ours; the node's own where ours is not known yet. */
export const estimate = ({ state }: Node): number | null => state.payout_estimate ?? state.payout_estimate_node ?? null

function Earnings({ nodes, at }: Props) {
  const month = nodes[0]?.state.month_started ?? calmNow.value
  const last = sum(nodes.map(node => node.state.payout_last_month))
  const held = sum(nodes.map(node => node.state.held_total))
  const theirs = sum(nodes.map(node => node.state.payout_estimate_node))
  const soFar = sum(nodes.map(node => node.state.payout_so_far))
  const sub = [
    isNumber(soFar) ? say.soFar(money(soFar)) : '',
    isNumber(last) ? say.earningsSub(monthName(month - DAY, 'short'), money(last)) : '',
    isNumber(theirs) && nodes.some(node => isNumber(node.state.payout_estimate)) ? say.nodeSays(money(theirs)) : '',
    isNumber(held) && held > 0 ? say.held(money(held)) : '',
  ].filter(Boolean).slice(0, 2).join(' · ')
  return (
    <Stat topic="earnings" label={say.earnings(monthName(month))} sub={sub} at={at} figures={added(nodes, estimate, money)} spark={<EarningDays nodes={nodes} month={month} />}>
      <span class="v">{money(sum(nodes.map(estimate)))}</span>
    </Stat>
  )
}

/** `attic $8.73 + cellar $1.30 = $10.03`: what a sum is made of, while it can be read. */
function added(nodes: Node[], of: (node: Node) => Maybe, show: (value: Maybe) => string): string | undefined {
  if (nodes.length < 2 || nodes.length > 8) return undefined
  return `${nodes.map(node => `${node.name} ${show(of(node))}`).join(' + ')} = ${show(sum(nodes.map(of)))}`
}

/** What each day of the month brought: of days that all nodes know, and of those to come what is left of the estimate. */
export function earnedByDay(series: Series | null, nodes: number, days: number, start: number, end: Maybe): { days: (number | null)[]; come: number | null; next: number } {
  const sofar = Array.from({ length: days }, (_, day) => {
    const index = series?.t.indexOf(start + day * DAY) ?? -1
    return index >= 0 && series!.known[index] === nodes ? (series!.values['payout_so_far']?.[index] ?? null) : null
  })
  const earned = sofar.map((value, day) => {
    const before = day === 0 ? 0 : sofar[day - 1]
    return isNumber(value) && isNumber(before) ? Math.max(0, value - before) : null
  })
  const last = sofar.findLastIndex(isNumber)
  const left = days - 1 - last
  return { days: earned, next: last + 1, come: last >= 0 && left > 0 && isNumber(end) ? Math.max(0, end - sofar[last]!) / left : null }
}

function EarningDays({ nodes, month }: { nodes: Node[]; month: number }) {
  const { start, days } = monthOf(month)
  const series = useSum(nodes, { metrics: ['payout_so_far'], seconds: 31 * DAY, step: DAY, agg: 'last' }).value
  const earned = earnedByDay(series, nodes.length, days, start, sum(nodes.map(estimate)))
  return <DayBars {...earned} />
}

const MONTH = { metrics: ['disk_used'], seconds: 30 * DAY, step: DAY, agg: 'last' }

/** Bytes a day between the first and the last day that all nodes know. */
export function growth(series: Series | null, key: string, nodes: number): number | null {
  const days = (series?.t ?? []).map((_, index) => index).filter(index => series!.known[index] === nodes)
  const first = days[0]
  const last = days.at(-1)
  if (!series || first === undefined || last === undefined || last - first < 2) return null
  const values = series.values[key] ?? []
  return ((values[last]! - values[first]!) * DAY) / (series.t[last]! - series.t[first]!)
}

function Stored({ nodes, at }: Props) {
  const month = useSum(nodes, MONTH).value
  const used = sum(nodes.map(node => node.state.disk_used))
  const total = sum(nodes.map(node => node.state.disk_allocated))
  const free = sum(nodes.map(node => node.state.disk_free))
  const perDay = growth(month, 'disk_used', nodes.length)
  const pair = sizePair(used, total)
  const full = nodes.length === 1 ? fullWhen(nodes[0]!, calmNow.value) : null
  const sub = full ?? (isNumber(perDay) ? say.perDay(sizeChange(perDay)) : isNumber(free) ? say.free(size(free)) : null)
  return (
    <Stat topic="stored" label={say.stored} at={at} sub={sub} figures={added(nodes, node => node.state.disk_used, size)} spark={<LineSpark values={month?.values['disk_used'] ?? []} />}>
      <span class="v">{pair.used} <small>{say.of(`${pair.total} ${pair.unit}`)}</small></span>
    </Stat>
  )
}

function Traffic({ nodes, at }: Props) {
  const total = (key: 'egress_rate' | 'ingress_rate' | 'egress_today' | 'ingress_today') => sum(nodes.map(node => node.state[key]))
  const [out, inward] = [total('egress_today'), total('ingress_today')]
  const sub = isNumber(out) || isNumber(inward) ? say.trafficSub(...sizesTogether(out, inward)) : null
  return (
    <Stat topic="traffic" label={say.traffic} at={at} sub={sub} figures={figuresOf(nodes)}
      spark={<DaySpark nodes={nodes} />}>
      <Rates out={total('egress_rate')} inward={total('ingress_rate')} />
    </Stat>
  )
}

function DaySpark({ nodes }: { nodes: Node[] }) {
  const day = useDay(nodes)
  return <FlowSpark out={day?.values['egress_rate'] ?? []} inward={day?.values['ingress_rate'] ?? []} />
}

/** Out and in of each node, in one unit. */
function figuresOf(nodes: Node[]): string | undefined {
  const both = (['egress_rate', 'ingress_rate'] as const).map(key => added(nodes, node => node.state[key], mbit))
  return both[0] && say.trafficFigures(both[0], both[1]!)
}

const KINDS = {
  download: { action: 'GET', label: say.download, what: 'downloads', key: 'download_success' },
  upload: { action: 'PUT', label: say.upload, what: 'uploads', key: 'upload_success' },
} as const

/** One node: its own share. Several: the share of their summed transfers, never a mean of shares. */
function Success({ nodes, at, kind }: Props & { kind: keyof typeof KINDS }) {
  const { action, label, what, key } = KINDS[kind]
  const transfers = useTransfers(nodes, DAY, ['action', 'outcome']).value
  const tally = tallyOf(transfers ?? [], row => row.action === action)
  const only = nodes.length === 1 ? nodes[0]!.state[key] : null
  const worst = nodes.filter(node => isNumber(node.state[key])).sort((a, b) => a.state[key]! - b.state[key]!)[0]
  const value = only ?? success(tally) ?? worst?.state[key]
  const known = ended(tally) > 0
  const usual = useUsual(nodes, key, what)
  const sub = usual ? say.usual(...usual) : known ? say.ofTransfers[what](count(ended(tally))) : nodes.length > 1 && worst ? say.worstOf(worst.name) : null
  const figures = known ? `${count(tally.ok)} ÷ (${count(tally.ok)} + ${count(tally.canceled)} + ${count(tally.failed)}) = ${percent(success(tally))}` : undefined
  return (
    <Stat topic={kind} label={label} at={at} sub={sub} figures={figures} spark={<ShareSpark nodes={nodes} metric={key} weight={what} />}>
      <span class="v">{percent(value)}</span>
    </Stat>
  )
}

const WEEK = 7 * DAY
const ENOUGH = 48 // hours

/** Between which shares nine of ten hours of the last week were; null until two days of hours are known. */
export function usualOf(hours: (number | null)[]): [low: string, high: string] | null {
  const known = hours.filter(isNumber).sort((a, b) => a - b)
  if (known.length < ENOUGH) return null
  const at = (share: number): string => percent(known[Math.round(share * (known.length - 1))]!, false)
  return [at(0.05), at(0.95)]
}

function useUsual(nodes: Node[], metric: string, weight: string): [low: string, high: string] | null {
  const week = useWeighted(nodes, metric, weight, WEEK)
  return week && usualOf(week)
}

/** Hours of one node, or of several by the weight of their transfers. */
function ShareSpark({ nodes, metric, weight }: { nodes: Node[]; metric: string; weight: string }) {
  const day = useWeighted(nodes, metric, weight)
  return <LineSpark values={day ?? []} />
}

function WorstScore({ nodes, at }: Props) {
  const found = worstScore(nodes)
  if (!found) {
    return (
      <Stat topic="score" label={say.score} at={at} sub={say.none}><span class="v">{percent(null)}</span></Stat>
    )
  }
  const { row, value, node, satellite } = found
  const tone = toneOfScore(row, value)
  return (
    <Stat topic="score" label={say.score} at={at} sub={value >= 100 ? say.allFull : say.scoreSub(words.scores[row.key], say.on(node.name, satellite), row.limit)}
      figures={words.why.left(percent(value), row.limit, decimal(Math.max(0, value - row.limit), 2))}
      spark={<ScoreSpark node={node} metric={row.key} />}>
      <span class={`v ${tone === 'ok' ? '' : tone}`}>{percent(value)}</span>
    </Stat>
  )
}

function ScoreSpark({ node, metric }: { node: Node; metric: string }) {
  const month = useSum([node], { metrics: [metric], seconds: 30 * DAY, step: DAY, agg: 'min' }).value
  return <LineSpark values={month?.values[metric] ?? []} />
}
