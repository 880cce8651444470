/** "Can I switch it off?": what an absence would cost at each satellite, by its own windows. */

import { useState } from 'preact/hooks'
import { setMaintenance } from '../data/actions.ts'
import { ask, connection, nodeArgs } from '../data/agent.ts'
import { GOOD, hoursUntil, LIMIT, quietest, scoreAfter, scoreOf } from '../data/downtime.ts'
import { useSum } from '../data/history.ts'
import { useResource } from '../data/resource.ts'
import { counts, worstSatellites, type Node } from '../data/model.ts'
import { calmNow } from '../data/store.ts'
import { useAllWindows, type Window } from '../data/windows.ts'
import { count, isNumber, mbit, percent, sum } from '../text/numbers.ts'
import { clock, DAY, day, duration, HOUR, weekdayAndTime, weekdayHour } from '../text/times.ts'
import { nodeWords } from '../text/node.ts'
import { words } from '../text/words.ts'
import { Q } from '../ui/why.tsx'

const say = nodeWords.planner

interface Row { name: string; now: number | null; after: number | null; left: number | null; last: number | null }

function rowsOf(node: Node, windows: Record<string, Window[]>, hours: number): Row[] {
  return worstSatellites(node.satellites)
    .filter(({ name, state }) => counts(state) && (windows[name]?.length ?? 0) > 0)
    .map(({ name }) => ({
      name,
      now: scoreOf(windows[name]!),
      after: scoreAfter(windows[name]!, calmNow.value, hours),
      left: hoursUntil(windows[name]!, calmNow.value, GOOD),
      last: hoursUntil(windows[name]!, calmNow.value, LIMIT),
    }))
}

/** The answer in words, by the worst satellite. */
export function verdict(after: (number | null)[], hours: string): string {
  const worst = Math.min(...after.filter(isNumber))
  if (worst >= GOOD) return say.yes(hours, GOOD)
  return worst >= LIMIT ? say.costly(hours, percent(worst)) : say.no(hours, LIMIT)
}

/** Left out where no satellite's windows are known. */
export function PlannerCard({ node, wide }: { node: Node; wide: string }) {
  const [hours, setHours] = useState(4)
  const windows = useAllWindows(node)
  const rows = rowsOf(node, windows, hours)
  if (rows.length === 0) return null
  const span = `${hours} h`
  return (
    <section class={`card ${wide} plan`}>
      <header class="hd0"><h2>{say.head}</h2></header>
      <p class="ans" role="status">{verdict(rows.map(row => row.after), span)}</p>
      <label class="m soft">
        {say.away} <b class="nb">{span}</b>
        <input type="range" min="1" max="72" value={hours} aria-label={say.awayLabel} onInput={event => setHours(Number(event.currentTarget.value))} />
      </label>
      <Table rows={rows} hours={hours} />
      <Quietest node={node} hours={hours} />
      <button class="btn main" type="button" disabled={connection.phase.value !== 'live'} onClick={() => void setMaintenance(node, true, hours)}>{words.maintenance.startFor(span)}</button>
    </section>
  )
}

function Table({ rows, hours }: { rows: Row[]; hours: number }) {
  const back = day(calmNow.value + hours * HOUR + 30 * DAY)
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{words.reputation.satellite}</th>
          <th scope="col" class="num">{say.now}</th>
          <th scope="col" class="num"><Q topic="absence">{say.after}</Q></th>
          <th scope="col" class="num" title={say.backTitle(back)}>{say.left(GOOD)}</th>
          <th scope="col" class="num" title={say.lastTitle}>{say.left(LIMIT)}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, now, after, left, last }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td class="num">{percent(now, false)}</td>
            <td class={`num ${isNumber(after) && after < LIMIT ? 'crit' : isNumber(after) && after < GOOD ? 'warn' : ''}`}><b>{percent(after, false)}</b></td>
            <td class="num faint">{left === null ? percent(null) : duration(left * HOUR)}</td>
            <td class="num faint">{last === null ? percent(null) : duration(last * HOUR)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

interface Told { quietest: { start: number; share: number; hours: number } | null }

/** When the least would be lost: by four weeks as the agent knows them, else by the last one. */
function Quietest({ node, hours }: { node: Node; hours: number }) {
  const told = useResource(`planner ${node.key} ${hours}`, 600, () => ask<Told>('planner', { ...nodeArgs(node), hours })).value?.quietest
  const week = useSum([node], { metrics: ['egress_rate', 'ingress_rate'], seconds: 7 * DAY, step: HOUR }).value
  if (told) return <p class="m soft">{say.quietestNext(weekdayAndTime(told.start), clock(told.start + told.hours * HOUR), count(told.share))}</p>
  if (!week) return null
  const both = week.t.map((_, index) => sum([week.values['egress_rate']?.[index], week.values['ingress_rate']?.[index]]))
  const found = quietest(week.t, both, hours)
  if (!found) return null
  return <p class="m soft">{say.quietest(weekdayHour(found.weekday, found.hour), mbit(found.rate))}</p>
}
