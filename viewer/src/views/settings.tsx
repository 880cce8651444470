/** What the reader can choose, and what the agents are and cost. */

import { connection } from '../data/agent.ts'
import { aboutOf, agents, isUp, nodes } from '../data/store.ts'
import { singleKeys } from '../prefs.ts'
import { setTheme, theme, THEMES } from '../theme.ts'
import { decimal, isNumber, size, units, type Maybe } from '../text/numbers.ts'
import type { About } from '../data/model.ts'
import { words } from '../text/words.ts'
import { Scroll, Seg } from '../ui/parts.tsx'
import { Q } from '../ui/why.tsx'

const say = words.settings
const THEME_CHOICES = THEMES.map(one => [one, words.theme[one]] as const)
const UNIT_CHOICES = [['decimal', say.decimal], ['binary', say.binary]] as const
const KEY_CHOICES = [['on', say.on], ['off', say.off]] as const

export function SettingsPage() {
  return (
    <>
      <div class="sec"><h1 class="h">{words.pages.settings}</h1></div>
      <div class="grid">
        <section class="card w5">
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
        <section class="card w7">
          <header><h2>{say.keyboard}</h2></header>
          <dl class="keys">{KEYS.map(([keys, what]) => <Key key={what} keys={keys} what={what} />)}</dl>
        </section>
        <Agents />
      </div>
    </>
  )
}

const KEYS: [string, string][] = [
  ['g o', words.pages.overview], ['g l', words.pages.live], ['g c', words.pages.compare], ['g a', words.pages.alerts], ['g s', words.pages.settings],
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
    <section class="card w12">
      <header><h2>{say.agents}</h2><span class="s faint"><Q topic="cost">{say.cost}</Q> · {say.thisAgent(connection.server.value)}</span></header>
      <Scroll label={say.agents}>
        <table>
          <thead><tr><th scope="col">{say.host}</th>{COLUMNS.map(column => <th scope="col" key={column.name} class={column.num ? 'num' : ''}>{column.name}</th>)}</tr></thead>
          <tbody>
            {agents.value.map(agent => (
              <tr key={agent}>
                <th scope="row">{aboutOf(agent).url ? <a href={aboutOf(agent).url!} rel="noreferrer">{agent}</a> : agent}</th>
                {COLUMNS.map(({ name, num, cell }) => <td key={name} class={num ? 'num' : ''}>{cell(aboutOf(agent), agent)}</td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  )
}
