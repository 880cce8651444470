/** A node as a card: state, disk, traffic, three margins, 30 days, money and age. Always in this order. */

import { useSpark } from '../data/history.ts'
import { isBehind, SCORES, toneOf, type Node } from '../data/model.ts'
import { complaintBeside, fullWhen } from '../data/status.ts'
import { calmNow, isUp } from '../data/store.ts'
import { useWindows, worstOnline } from '../data/windows.ts'
import { to } from '../route.ts'
import { decimal, isNumber, mbit, money, percent, size, sizePair } from '../text/numbers.ts'
import { clock, monthName } from '../text/times.ts'
import { words } from '../text/words.ts'
import { Disk, FlowSpark, ScoreBar, Strip } from '../ui/marks.tsx'
import { Age, Rates, ToneIcon } from '../ui/parts.tsx'
import { Q } from '../ui/why.tsx'
import { estimate } from './totals.tsx'

/** `hosted`: says its host, where no heading does. */
export function NodeCard({ node, hosted = false }: { node: Node; hosted?: boolean }) {
  const tone = toneOf(node.state, calmNow.value)
  const up = isUp(node.agent)
  return (
    <article class={`card node ${tone === 'ok' ? '' : tone} ${up ? '' : 'stale'}`} data-row>
      <header>
        <ToneIcon tone={up ? tone : 'away'} />
        <h3><a href={to.node(node.key)} data-open>{node.name}</a></h3>
        <span class="s faint">{[hosted ? node.agent : '', node.state.version].filter(Boolean).join(' · ')}</span>
        <p><span class="vh">{words.tone[tone]}: </span>{sentence(node)}</p>
      </header>
      <DiskPart node={node} />
      <TrafficPart node={node} />
      <div class="scores">
        {SCORES.map(row => <ScoreBar key={row.key} row={row} value={node.state[row.key]} at={node.state.ts} />)}
      </div>
      <OnlinePart node={node} />
      <footer>
        <Money node={node} />
        <Age at={node.state.ts} none={words.node.noReading} />
      </footer>
    </article>
  )
}

/** What stands under the name. */
export function sentence(node: Node): string {
  const now = calmNow.value
  const tone = toneOf(node.state, now)
  if (tone === 'ok') return isBehind(node) ? words.node.behind(size(node.state.log_behind)) : words.node.fine
  if (tone === 'maint') return words.node.maintenance(clock(node.state.maintenance_until ?? now))
  return complaintBeside(node, now)
}

const diskFigures = ({ state }: Node): string | undefined =>
  isNumber(state.disk_used) && isNumber(state.disk_allocated)
    ? words.node.diskLabel(size(state.disk_used), size(state.disk_allocated), size(state.disk_reclaimable), size(state.disk_trash)) : undefined

const fullFigures = ({ state }: Node): string | undefined =>
  isNumber(state.disk_free) && isNumber(state.disk_growth) && isNumber(state.disk_full_days)
    ? words.node.fullFigures(size(state.disk_free), size(state.disk_growth), decimal(state.disk_full_days, 0)) : undefined

function DiskPart({ node }: { node: Node }) {
  const { used, total, unit } = sizePair(node.state.disk_used, node.state.disk_allocated)
  const full = fullWhen(node, calmNow.value)
  return (
    <div>
      <div class="row">
        <span><b>{used}</b> <Q topic="disk" title={words.totals.stored} at={node.state.ts} figures={diskFigures(node)}>{words.totals.of(`${total} ${unit}`)}</Q></span>
        {full && <span class="s"><Q topic="full" title={words.columns.full} at={node.state.ts} figures={fullFigures(node)}>{full}</Q></span>}
      </div>
      <Disk node={node} />
    </div>
  )
}

function TrafficPart({ node }: { node: Node }) {
  const day = useSpark(node)
  return (
    <div>
      <div class="row">
        <Rates out={node.state.egress_rate} inward={node.state.ingress_rate} />
        <span class="s"><Q topic="traffic" title={words.totals.traffic} at={node.state.ts} figures={words.node.rateFigures(mbit(node.state.egress_rate), mbit(node.state.ingress_rate))}>{words.columns.spark}</Q></span>
      </div>
      <FlowSpark out={day?.values['egress_rate'] ?? []} inward={day?.values['ingress_rate'] ?? []} />
    </div>
  )
}

/** Left out where the agent has no windows. */
function OnlinePart({ node }: { node: Node }) {
  const windows = useWindows(node, worstOnline(node))
  if (!windows) return null
  return (
    <div>
      <div class="row s">
        <Q topic="windows" at={node.state.ts} figures={words.node.stripLabel(windows.length, windows.filter(({ share }) => isNumber(share) && share < 1).length)}>{words.node.stripHead}</Q>
        <span class="soft">{percent(node.state.online_score)}</span>
      </div>
      <Strip windows={windows} />
    </div>
  )
}

function Money({ node }: { node: Node }) {
  const month = node.state.month_started ?? calmNow.value
  const { payout_so_far: soFar, payout_estimate_node: theirs } = node.state
  const said = monthName(month, 'short')
  return (
    <span>
      <b>{money(estimate(node))}</b>{' '}
      <Q topic="earnings" title={words.totals.earnings(monthName(month))} at={node.state.ts} figures={words.node.moneyFigures(money(estimate(node)), money(theirs))}>
        {isNumber(soFar) ? words.node.soFarOf(said, money(soFar)) : words.node.soFar(said)}
      </Q>
    </span>
  )
}
