/** What the reader can choose in this browser, and what the agent does: whom it tells, and when it speaks. */

import { useEffect } from 'preact/hooks'
import { act } from '../data/actions.ts'
import { ask, connection } from '../data/agent.ts'
import { otherAgents } from '../data/desk.ts'
import { useSettings, type Settings } from '../data/settings.ts'
import { aboutOf, agents, isUp, nodes, pageOf } from '../data/store.ts'
import { singleKeys } from '../prefs.ts'
import { route, to } from '../route.ts'
import { setTheme, theme, THEMES } from '../theme.ts'
import { decimal, isNumber, size, units, type Maybe } from '../text/numbers.ts'
import type { About } from '../data/model.ts'
import { desk } from '../text/desk.ts'
import { words } from '../text/words.ts'
import { Modal, showDialog } from '../ui/dialog.tsx'
import { Scroll, Seg, Skeleton } from '../ui/parts.tsx'
import { Q } from '../ui/why.tsx'
import { CarryCard } from './settings-carry.tsx'
import { NodesCard } from './settings-nodes.tsx'
import { NotifyCard } from './settings-notify.tsx'
import { RoutesCard } from './settings-routes.tsx'
import { ThresholdsCard } from './settings-thresholds.tsx'
import '../style/desk.css'
import '../style/jump.css'

const say = desk.browser
const parts = desk.settings.parts
const THEME_CHOICES = THEMES.map(one => [one, words.theme[one]] as const)
const UNIT_CHOICES = [['decimal', say.decimal], ['binary', say.binary]] as const
const KEY_CHOICES = [['on', say.on], ['off', say.off]] as const

type Part = keyof typeof parts
const PARTS = Object.keys(parts) as Part[]

export function SettingsPage() {
  const { rest } = route.value
  const answer = useSettings()
  const there = answer.value !== null
  useEffect(() => {
    if (rest[0] && !rest[1]) document.getElementById(`set-${rest[0]}`)?.scrollIntoView()
  }, [rest[0], rest[1], there])
  return (
    <>
      <div class="sec"><h1 class="h">{words.pages.settings}</h1>{connection.agent.value && <span class="soft">{desk.settings.of(connection.agent.value)}</span>}</div>
      <nav class="jump" aria-label={desk.settings.partsLabel}>
        {PARTS.map(part => <a key={part} href={`${to.settings}/${part}`} aria-current={part === rest[0] ? 'true' : undefined}>{parts[part]}</a>)}
      </nav>
      <Others />
      <div class="grid desk">
        <Browser />
        {answer.value ? <OfAgent settings={answer.value} threshold={rest[0] === 'thresholds' ? (rest[1] ?? null) : null} /> : answer.error ? <p class="card w12 m soft" role="status">{desk.settings.cannot(answer.error)}</p> : <div class="w12"><Skeleton lines={4} /></div>}
        <Agents />
      </div>
    </>
  )
}

function OfAgent({ settings, threshold }: { settings: Settings; threshold: string | null }) {
  return (
    <>
      <RoutesCard settings={settings} />
      <NotifyCard notify={settings.notify} />
      <ThresholdsCard settings={settings} chosen={threshold} />
      <CarryCard limits={settings.rules} />
      <NodesCard seen={settings.nodes} />
    </>
  )
}

/** A fleet: what is set here is of the agent that this page comes from. */
function Others() {
  const others = otherAgents()
  if (others.length === 0) return null
  return (
    <p class="m soft gap4">
      {desk.settings.elsewhere}{' '}
      {others.map((agent, at) => <span key={agent}>{at > 0 && ', '}{pageOf(agent) ? <a href={`${pageOf(agent)}#/settings`} rel="noreferrer">{agent}</a> : desk.settings.elsewhereNone(agent)}</span>)}
    </p>
  )
}

function Browser() {
  return (
    <>
      <section class="card w5" id="set-browser">
        <header><h2>{say.thisBrowser}</h2></header>
        <dl class="choices">
          <dt>{words.theme.label}</dt>
          <dd><Seg label={words.theme.label} of={THEME_CHOICES} value={theme.value} set={setTheme} /></dd>
          <dt>{say.units}</dt>
          <dd><Seg label={say.units} of={UNIT_CHOICES} value={units.value} set={value => (units.value = value)} /></dd>
          <dt>{say.keys}</dt>
          <dd><Seg label={say.keys} of={KEY_CHOICES} value={singleKeys.value ? 'on' : 'off'} set={value => (singleKeys.value = value === 'on')} /></dd>
        </dl>
        <p class="m soft gap3">{isSecureContext ? say.installable : say.notInstallable}</p>
      </section>
      <section class="card w7 hide-m">
        <header><h2>{say.keyboard}</h2></header>
        <dl class="keys">{KEYS.map(([keys, what]) => <Key key={what} keys={keys} what={what} />)}</dl>
      </section>
    </>
  )
}

const KEYS: [string, string][] = [
  ['g o', words.pages.overview], ['g l', words.pages.live], ['g c', words.pages.compare], ['g a', words.pages.alerts], ['g r', words.pages.reports], ['g s', words.pages.settings],
  ['/', say.keyNames.find], ['j k', say.keyNames.next], ['Enter', say.keyNames.open], ['Esc', say.keyNames.back], ['a', words.alert.acknowledge], ['s', words.alert.silence],
  ['[ ]', words.chart.range], ['.', words.chart.showTable], ['t', words.theme.label], ['?', say.keyNames.explain],
]

function Key({ keys, what }: { keys: string; what: string }) {
  return <div><dt>{keys.split(' ').map(key => <kbd key={key}>{key}</kbd>)}</dt><dd>{what}</dd></div>
}

interface Column { name: string; num?: boolean; cell(about: About, agent: string): string }

const pc = (value: Maybe, digits: number): string => (isNumber(value) ? `${decimal(value, digits)}%` : '–')

const COLUMNS: Column[] = [
  { name: say.state, cell: (_, agent) => (isUp(agent) ? say.up : say.away) },
  { name: words.columns.version, cell: about => about.version ?? '–' },
  { name: words.pages.nodes, num: true, cell: (_, agent) => String(nodes.value.filter(node => node.agent === agent).length) },
  { name: say.cpu, num: true, cell: about => pc(about.cpu_percent, 2) },
  { name: say.memory, num: true, cell: about => size(about.rss) },
  { name: say.lag, num: true, cell: about => (isNumber(about.lag) ? `${decimal(about.lag * 1000, 0)} ms` : '–') },
  { name: say.hostCpu, num: true, cell: about => pc(about.host_cpu_percent, 0) },
  { name: say.hostWait, num: true, cell: about => pc(about.host_iowait_percent, 1) },
]

function Agents() {
  return (
    <section class="card w12" id="set-agents">
      <header><h2>{say.agents}</h2><span class="s faint"><Q topic="cost">{say.cost}</Q> · {say.thisAgent(connection.server.value)}</span></header>
      <Scroll label={say.agents}>
        <table>
          <thead><tr><th scope="col">{say.host}</th>{COLUMNS.map(column => <th scope="col" key={column.name} class={column.num ? 'num' : ''}>{column.name}</th>)}<th scope="col"><span class="vh">{desk.forget.act}</span></th></tr></thead>
          <tbody>
            {agents.value.map(agent => (
              <tr key={agent}>
                <th scope="row">{pageOf(agent) ? <a href={pageOf(agent)!} rel="noreferrer">{agent}</a> : agent}</th>
                {COLUMNS.map(({ name, num, cell }) => <td key={name} class={num ? 'num' : ''}>{cell(aboutOf(agent), agent)}</td>)}
                <td class="num">{!isUp(agent) && agent !== connection.agent.value && <button class="btn bare" type="button" aria-label={`${desk.forget.act} ${agent}`} disabled={connection.phase.value !== 'live'} onClick={() => showDialog(close => <Forget agent={agent} close={close} />)}>{desk.forget.act}</button>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  )
}

/** For a host that does not come back: what the broker still has of it is taken away. */
function Forget({ agent, close }: { agent: string; close(): void }) {
  const send = (): void => {
    close()
    void act(() => ask('forget', { agent }), desk.forget.done(agent))
  }
  return (
    <Modal title={desk.forget.ask(agent)} close={close}>
      <p class="m soft">{desk.forget.body}</p>
      <div class="opts right">
        <button class="btn" type="button" onClick={close}>{words.alert.cancel}</button>
        <button class="btn main" type="button" onClick={send}>{desk.forget.main(agent)}</button>
      </div>
    </Modal>
  )
}
