/** An alert: what, whom, since when; what it costs and the next step; two buttons. Equal ones of several agents are one row. */

import type { ComponentChildren } from 'preact'
import { connection } from '../data/agent.ts'
import { acknowledge, endSilence, silence } from '../data/actions.ts'
import { isAcknowledged, isSilenced, namesOf, satellitesOf, toneOfAlert, type Problem, type Tone } from '../data/model.ts'
import { calmNow, isUp } from '../data/store.ts'
import { to } from '../route.ts'
import { isNumber } from '../text/numbers.ts'
import { duration, exact, since } from '../text/times.ts'
import { words } from '../text/words.ts'
import { Icon, type IconName } from './icons.tsx'

const CLASS: Record<Tone, string> = { crit: 'crit', warn: 'warn', unk: 'unk', maint: 'unk', ok: 'info' }
const ICON: Record<Tone, IconName> = { crit: 'crit', warn: 'warn', unk: 'unk', maint: 'maint', ok: 'info' }

const few = (names: string[]): string => (names.length <= 3 ? names.join(', ') : words.alert.many(names.length))

/** `garage · us1 · since 09:01, 40 min`; what `told` says already is not said again. */
export function whose(group: Problem[], told = ''): string {
  const now = calmNow.value
  const at = Math.min(...group.map(one => one.since))
  const from = isNumber(at) ? words.alert.since(since(at, now), duration(now - at)).replaceAll(' ', '\u00a0') : ''
  const names = namesOf(group)
  const satellites = satellitesOf(group)
  const left = (list: string[], text: string): string => (list.every(one => told.includes(one)) ? '' : text)
  return [left(names, few(names)), left(satellites, satellites.join(', ')), from].filter(Boolean).join(' · ')
}

/** The alert in words; several agents' equal ones by their rule. */
const textOf = (group: Problem[]): string => (group.length === 1 ? group[0]!.text : words.alert.alike(group[0]!.rule, namesOf(group).length))

/** An agent that is away can be told nothing; the others of a row can. */
const reached = (group: Problem[]): Problem[] => group.filter(({ agent }) => isUp(agent))

const look = (group: Problem[]): string => `${CLASS[toneOfAlert(group[0]!)]} ${reached(group).length ? '' : 'stale'}`

/** What gets the focus once this alert is dealt with: the next one, else the one before, else the page. */
export function neighbour(from: Element): () => void {
  const rows = [...document.querySelectorAll<HTMLElement>('.alert[data-row]')].filter(one => one.offsetParent !== null)
  const at = rows.findIndex(one => one.contains(from))
  const next = rows[at + 1] ?? rows[at - 1]
  return () => {
    const target = next?.isConnected ? next.querySelector<HTMLElement>('.acts .btn, a, button') : null
    ;(target ?? document.getElementById('main'))?.focus()
  }
}

/** `09:12`, where the agent says when. */
function acknowledgedAt({ acknowledged, acknowledged_at }: Problem): string | null {
  const at = acknowledged_at ?? acknowledged
  return isNumber(at) && at > 1e9 ? since(at, calmNow.value) : null
}

function Buttons({ group: all }: { group: Problem[] }) {
  const group = reached(all).length ? reached(all) : all
  const off = connection.phase.value !== 'live' || reached(all).length === 0
  const first = group[0]!
  const press = (event: MouseEvent, work: (done: () => void) => void): void => work(neighbour(event.currentTarget as Element))
  if (group.every(one => isSilenced(one, calmNow.value))) {
    return (
      <div class="acts">
        <span class="s faint said">{words.alert.silenced(since(first.silenced_until ?? 0, calmNow.value))}</span>
        <button class="btn" type="button" disabled={off} onClick={event => press(event, done => endSilence(group, done))}>{words.alert.silenceEnd}</button>
      </div>
    )
  }
  return (
    <div class="acts">
      {group.every(isAcknowledged)
        ? <span class="s faint said">{words.alert.acknowledged(acknowledgedAt(first))}</span>
        : <button class="btn" type="button" data-act="a" disabled={off} onClick={event => press(event, done => void acknowledge(group).then(ok => ok && done()))}>{words.alert.acknowledge}</button>}
      <button class="btn" type="button" data-act="s" disabled={off} onClick={event => press(event, done => silence(group, done))}>{words.alert.silence}</button>
    </div>
  )
}

const about = (group: Problem[]): string => `${words.tone[toneOfAlert(group[0]!)]}: ${whose(group)}`

/** `text`, `cost`, `below`: the alert's words in parts, and what else is known, where the page has its rule. */
interface Row { problem: Problem; group?: Problem[]; text?: string; cost?: ComponentChildren; below?: ComponentChildren }

export function AlertRow({ problem, group = [problem], text = textOf(group), cost, below }: Row) {
  const tone = toneOfAlert(problem)
  return (
    <article class={`alert ${look(group)}`} aria-label={about(group)} data-row>
      <Icon name={ICON[tone]} />
      <h2>
        <Told group={group} text={text} /> <span class="nm" title={exact(problem.since)}>{whose(group, text)}</span>
      </h2>
      <Buttons group={group} />
      {(problem.next_step || cost || below) && (
        <div class={`body ${cost ? '' : 'one-col'}`}>
          {cost && <div>{cost}</div>}
          <p class="next"><span class="lab">{words.alert.next}</span>{problem.next_step}{below}</p>
        </div>
      )}
    </article>
  )
}

/** One line of a list of three or more. */
export function SlimAlert({ problem, group = [problem] }: { problem: Problem; group?: Problem[] }) {
  const tone = toneOfAlert(problem)
  return (
    <article class={`alert slim ${look(group)}`} aria-label={about(group)} data-row>
      <Icon name={ICON[tone]} />
      <h2><Told group={group} text={textOf(group)} /></h2>
      <span class="nm" title={exact(problem.since)}>{whose(group, textOf(group))}</span>
      <span class="nx">{problem.next_step}</span>
      <Buttons group={group} />
    </article>
  )
}

/** The text; a link where one node is meant. */
export function Told({ group, text }: { group: Problem[]; text: string }) {
  const [one, ...others] = group
  const node = others.length === 0 ? one?.node : null
  return node ? <a class="told" href={to.node(`${one!.agent}/${node}`)}>{text}</a> : <>{text}</>
}
