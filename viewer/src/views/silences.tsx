/** What is silent, until when, and what it keeps back. */

import { useEffect } from 'preact/hooks'
import { setMaintenance, silence } from '../data/actions.ts'
import { connection } from '../data/agent.ts'
import { awayAgents, everySo, upAgents } from '../data/desk.ts'
import type { Node, Problem } from '../data/model.ts'
import { renew, useResource } from '../data/resource.ts'
import { covers, end, named, readSilences, type Silence } from '../data/silences.ts'
import { calmNow, chosen, problems } from '../data/store.ts'
import { isNumber } from '../text/numbers.ts'
import { duration, exact, since } from '../text/times.ts'
import { desk } from '../text/desk.ts'
import { words } from '../text/words.ts'
import { Icon } from '../ui/icons.tsx'

const say = desk.silence

interface Row { key: string; what: string; until: string; title: string | undefined; holds: Problem[]; end(): void }
interface Found { silences: Silence[]; failed: [string, string][] }

async function readAll(hosts: string[]): Promise<Found> {
  const all = await Promise.allSettled(hosts.map(readSilences))
  return {
    silences: all.flatMap(one => (one.status === 'fulfilled' ? one.value : [])),
    failed: all.flatMap((one, at): [string, string][] => (one.status === 'rejected' ? [[hosts[at]!, String((one.reason as Error).message)]] : [])),
  }
}

export function useSilences(): { rows: Row[]; failed: [string, string][] } {
  const hosts = upAgents()
  const { value } = useResource(`silences ${hosts.join(' ')}`, everySo(hosts, 15), () => readAll(hosts))
  const now = calmNow.value
  // a silence that was made or ended elsewhere shows first on the board
  const held = problems.value.map(({ agent, id, silenced_until: until }) => `${agent} ${id} ${until ?? ''}`).join()
  useEffect(() => renew('silences'), [held])
  const names = new Set(chosen.value.map(({ agent, name }) => `${agent}/${name}`))
  const silences = (value?.silences ?? []).filter(({ until, node, agent }) => until > now && (node === null || names.has(`${agent}/${node}`)))
  const resting = chosen.value.filter(({ state }) => isNumber(state.maintenance_until) && state.maintenance_until > now)
  return { rows: [...resting.map(ofNode), ...silences.map(ofSilence)], failed: [...awayAgents().map((agent): [string, string] => [agent, words.say.agentAway(agent)]), ...(value?.failed ?? [])] }
}

function ofSilence(one: Silence): Row {
  const now = calmNow.value
  return {
    key: JSON.stringify(one), what: named(one), title: exact(one.until), holds: problems.value.filter(problem => covers(one, problem)),
    until: say.until(since(one.until, now), duration(one.until - now)), end: () => void end([one]),
  }
}

function ofNode(node: Node): Row {
  const until = node.state.maintenance_until!
  return {
    key: node.key, what: say.maintenance(node.name), until: say.maintenanceUntil(since(until, calmNow.value)), title: exact(until),
    holds: problems.value.filter(({ agent, nodes }) => agent === node.agent && nodes.length === 1 && nodes[0] === node.name), end: () => void setMaintenance(node, false),
  }
}

/** `small`: beside the open alerts, left out while nothing is silent. */
export function SilencedCard({ small = false }: { small?: boolean }) {
  const { rows, failed } = useSilences()
  const off = connection.phase.value !== 'live'
  if (small && rows.length === 0) return null
  return (
    <section class="card">
      <header>
        <h2>{desk.tabs.silenced}</h2>
        <span class="grow" />
        {!small && <button class="btn" type="button" data-act="s" disabled={off} onClick={() => silence([])}>{say.begin}</button>}
      </header>
      {rows.length === 0 && failed.length === 0 && <p class="m soft">{words.alert.noneSilenced}</p>}
      <ul class="silent">{rows.map(row => <Line key={row.key} row={row} off={off} />)}</ul>
      {failed.map(([agent, text]) => <p key={agent} class="m soft" role="status">{say.cannot(agent, text)}</p>)}
    </section>
  )
}

function Line({ row, off }: { row: Row; off: boolean }) {
  return (
    <li>
      <Icon name="maint" tone="unk" />
      <b>{row.what}</b>
      <span class="soft" title={row.title}>{row.until}</span>
      <span class="faint">{row.holds.length ? say.holds(row.holds.length) : say.holdsNone}</span>
      <button class="btn" type="button" disabled={off} aria-label={`${words.alert.silenceEnd}: ${row.what}`} onClick={row.end}>{words.alert.silenceEnd}</button>
      {row.holds.length > 0 && <ul class="s soft">{row.holds.map(problem => <li key={problem.id}>{problem.text}</li>)}</ul>}
    </li>
  )
}
