/** An alert: what, whom, since when; the next step; two buttons. */

import { connection } from '../data/agent.ts'
import { acknowledge, endSilence, silence, subject } from '../data/actions.ts'
import { isAcknowledged, isSilenced, toneOfAlert, type Problem, type Tone } from '../data/model.ts'
import { calmNow } from '../data/store.ts'
import { to } from '../route.ts'
import { isNumber } from '../text/numbers.ts'
import { duration, exact, since } from '../text/times.ts'
import { words } from '../text/words.ts'
import { Icon, type IconName } from './icons.tsx'

const CLASS: Record<Tone, string> = { crit: 'crit', warn: 'warn', unk: 'unk', maint: 'unk', ok: 'info' }
const ICON: Record<Tone, IconName> = { crit: 'crit', warn: 'warn', unk: 'unk', maint: 'maint', ok: 'info' }

/** `garage · us1 · since 09:01, 40 min` */
export function whose(problem: Problem): string {
  const now = calmNow.value
  const satellite = problem.satellite ?? problem.satellites.join(', ')
  const from = isNumber(problem.since) ? words.alert.since(since(problem.since, now), duration(now - problem.since)) : ''
  return [subject(problem), satellite, from].filter(Boolean).join(' · ')
}

function Buttons({ problem }: { problem: Problem }) {
  const off = connection.phase.value !== 'live'
  const acknowledged = isNumber(problem.acknowledged) && problem.acknowledged > 1e9 ? since(problem.acknowledged, calmNow.value) : null
  if (isSilenced(problem, calmNow.value)) {
    return (
      <div class="acts">
        <span class="s faint">{words.alert.silenced(since(problem.silenced_until ?? 0, calmNow.value))}</span>
        <button class="btn" type="button" disabled={off} onClick={() => void endSilence(problem)}>{words.alert.silenceEnd}</button>
      </div>
    )
  }
  return (
    <div class="acts">
      {isAcknowledged(problem)
        ? <span class="s faint said">{words.alert.acknowledged(acknowledged)}</span>
        : <button class="btn" type="button" data-act="a" disabled={off} onClick={() => void acknowledge(problem)}>{words.alert.acknowledge}</button>}
      <button class="btn" type="button" data-act="s" disabled={off} onClick={() => silence(problem)}>{words.alert.silence}</button>
    </div>
  )
}

const about = (problem: Problem): string => `${words.tone[toneOfAlert(problem)]}: ${whose(problem)}`

export function AlertRow({ problem }: { problem: Problem }) {
  const tone = toneOfAlert(problem)
  return (
    <article class={`alert ${CLASS[tone]}`} aria-label={about(problem)} data-row>
      <Icon name={ICON[tone]} />
      <h2>
        <Told problem={problem} /> <span class="nm" title={exact(problem.since)}>{whose(problem)}</span>
      </h2>
      <Buttons problem={problem} />
      {problem.next_step && (
        <div class="body one-col">
          <p class="next"><span class="lab">{words.alert.next}</span>{problem.next_step}</p>
        </div>
      )}
    </article>
  )
}

/** One line of a list of three or more. */
export function SlimAlert({ problem }: { problem: Problem }) {
  const tone = toneOfAlert(problem)
  return (
    <article class={`alert slim ${CLASS[tone]}`} aria-label={about(problem)} data-row>
      <Icon name={ICON[tone]} />
      <h2><Told problem={problem} /></h2>
      <span class="nm" title={exact(problem.since)}>{whose(problem)}</span>
      <span class="nx">{problem.next_step}</span>
      <Buttons problem={problem} />
    </article>
  )
}

/** The text; a link where one node is meant. */
function Told({ problem }: { problem: Problem }) {
  return problem.node ? <a class="told" href={to.node(`${problem.agent}/${problem.node}`)}>{problem.text}</a> : <>{problem.text}</>
}
