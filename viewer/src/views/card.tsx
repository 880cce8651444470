/** A node as a card: state, disk, traffic, three margins, 30 days, money and age. Always in this order. */

import { useSpark } from '../data/history.ts'
import { SCORES, toneOf, type Node } from '../data/model.ts'
import { complaintBeside } from '../data/status.ts'
import { calmNow, isUp } from '../data/store.ts'
import { useWindows, worstOnline } from '../data/windows.ts'
import { to } from '../route.ts'
import { isNumber, money, percent, sizePair } from '../text/numbers.ts'
import { clock, day, DAY, monthName, roughly } from '../text/times.ts'
import { words } from '../text/words.ts'
import { Disk, FlowSpark, ScoreBar, Strip } from '../ui/marks.tsx'
import { Age, Rates, ToneIcon } from '../ui/parts.tsx'
import { estimate } from './totals.tsx'

export function NodeCard({ node }: { node: Node }) {
  const tone = toneOf(node.state, calmNow.value)
  const up = isUp(node.agent)
  return (
    <article class={`card node ${tone === 'ok' ? '' : tone} ${up ? '' : 'stale'}`} data-row>
      <header>
        <ToneIcon tone={up ? tone : 'away'} />
        <h3><a href={to.node(node.key)} data-open>{node.name}</a></h3>
        <span class="s faint">{node.state.version}</span>
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
  if (tone === 'ok') return words.node.fine
  if (tone === 'maint') return words.node.maintenance(clock(node.state.maintenance_until ?? now))
  return complaintBeside(node, now)
}

/** When the disk is full, as exactly as can be known. */
export function fullWhen({ state }: Node, now: number): string | null {
  const days = state.disk_full_days
  if (isNumber(state.disk_used) && isNumber(state.disk_allocated) && state.disk_used >= state.disk_allocated) return words.node.full
  if (!isNumber(days) || days > 3650) return null
  return days > 14 && days < 120 ? words.node.fullOn(day(now + days * DAY)) : words.node.fullIn(roughly(days * DAY))
}

function DiskPart({ node }: { node: Node }) {
  const { used, total, unit } = sizePair(node.state.disk_used, node.state.disk_allocated)
  return (
    <div>
      <div class="row">
        <span><b>{used}</b> <span class="soft">{words.totals.of(`${total} ${unit}`)}</span></span>
        <span class="s faint">{fullWhen(node, calmNow.value)}</span>
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
        <span class="s faint">24 h</span>
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
        <span class="faint">{words.node.stripHead}</span>
        <span class="soft">{percent(node.state.online_score)}</span>
      </div>
      <Strip windows={windows} />
    </div>
  )
}

function Money({ node }: { node: Node }) {
  const month = node.state.month_started ?? calmNow.value
  return <span><b>{money(estimate(node))}</b> {words.node.soFar(monthName(month, 'short'))}</span>
}
