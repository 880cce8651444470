/** Every alert: open, silenced, past. */

import { useState } from 'preact/hooks'
import { ask } from '../data/agent.ts'
import { subject } from '../data/actions.ts'
import { isSilenced, isUrgent, toneOf, toneOfAlert, worst, type Alert, type Problem } from '../data/model.ts'
import { useResource } from '../data/resource.ts'
import type { Sentence } from '../data/status.ts'
import { agents, calmNow, nodes, problems } from '../data/store.ts'
import { isNumber, percent } from '../text/numbers.ts'
import { dayAndTime, duration, exact } from '../text/times.ts'
import { words } from '../text/words.ts'
import { AlertRow } from '../ui/alert.tsx'
import { Scroll, Seg, Skeleton, ToneIcon } from '../ui/parts.tsx'
import { Say } from '../ui/say.tsx'

const say = words.alert
type List = 'open' | 'silenced' | 'history'

function sentence(open: Problem[]): Sentence {
  const now = calmNow.value
  const urgent = open.filter(problem => toneOfAlert(problem) === 'crit').length
  const wait = open.length - urgent
  const none = worst(nodes.value.map(node => toneOf(node.state, now)))
  const tone = open.length ? worst(open.map(toneOfAlert)) : none === 'crit' || none === 'warn' ? none : 'ok'
  return { tone, head: open.length ? words.say.alertsOpen(urgent, wait) : words.say.alertsNone, below: '' }
}

const holds = (text: string) => (problem: Problem): boolean =>
  `${problem.text} ${problem.rule} ${problem.next_step ?? ''} ${subject(problem)} ${problem.satellites.join(' ')}`.toLowerCase().includes(text.trim().toLowerCase())

export function AlertsPage() {
  const [list, setList] = useState<List>('open')
  const [text, setText] = useState('')
  const now = calmNow.value
  const open = problems.value.filter(problem => !isSilenced(problem, now))
  const quiet = problems.value.filter(problem => isSilenced(problem, now))
  const lists = [['open', label(say.open, open.length)], ['silenced', label(say.silencedList, quiet.length)], ['history', say.history]] as const
  return (
    <>
      <Say sentence={sentence(open.filter(problem => isUrgent(problem, now)))} />
      <div class="tools tabsrow">
        <Seg label={words.pages.alerts} of={lists} value={list} set={setList} />
        <span class="grow" />
        <input class="field" type="search" data-find placeholder={say.search} aria-label={say.search} value={text} onInput={event => setText(event.currentTarget.value)} />
      </div>
      {list === 'history' ? <History text={text} /> : <Rows list={(list === 'open' ? open : quiet).filter(holds(text))} none={list === 'open' ? say.none : say.noneSilenced} />}
    </>
  )
}

const label = (name: string, n: number): string => (n ? `${name} ${n}` : name)

function Rows({ list, none }: { list: Problem[]; none: string }) {
  if (list.length === 0) return <p class="soft">{none}</p>
  return <div>{list.map(problem => <AlertRow key={`${problem.agent}/${problem.id}`} problem={problem} />)}</div>
}

interface Past extends Alert { closed?: number | null; closed_at?: number | null; until?: number | null }

const rowsOf = (answer: unknown): Past[] => {
  const list = Array.isArray(answer) ? answer : ((answer as { alerts?: unknown; history?: unknown } | null)?.history ?? (answer as { alerts?: unknown } | null)?.alerts ?? [])
  return Array.isArray(list) ? (list as Past[]) : []
}
const closedAt = (past: Past): number | null => past.closed ?? past.closed_at ?? past.until ?? null

function History({ text }: { text: string }) {
  const answer = useResource('alert history', 60, async () => rowsOf(await ask('alerts', { history: true })))
  if (answer.error) return <p class="soft">{say.historyUnavailable}</p>
  if (!answer.value) return <Skeleton />
  const agent = agents.value[0] ?? ''
  const fits = (past: Past): boolean => holds(text)({ ...past, agent, nodes: past.nodes ?? [], satellites: past.satellites ?? [] })
  const rows = answer.value.filter(past => closedAt(past) !== null).filter(fits)
  return rows.length === 0 ? <p class="soft">{say.historyNone}</p> : <Table rows={rows} agent={agent} />
}

function Table({ rows, agent }: { rows: Past[]; agent: string }) {
  const heads = say.historyHead
  return (
    <section class="card scroll-card">
      <Scroll label={say.history}>
        <table>
          <thead>
            <tr>
              <th scope="col">{heads.text}</th>
              <th scope="col">{heads.node}</th>
              <th scope="col">{heads.since}</th>
              <th scope="col" class="num col-m">{heads.took}</th>
              <th scope="col" class="num col-m">{heads.closed}</th>
            </tr>
          </thead>
          <tbody>{rows.map(past => <PastRow key={`${past.id} ${past.since}`} past={past} agent={agent} />)}</tbody>
        </table>
      </Scroll>
    </section>
  )
}

function PastRow({ past, agent }: { past: Past; agent: string }) {
  const closed = closedAt(past)
  const tone = toneOfAlert(past)
  return (
    <tr>
      <th scope="row"><ToneIcon tone={tone} /><span class="vh">{words.tone[tone]}: </span> {past.text}</th>
      <td>{subject({ ...past, agent, nodes: past.nodes ?? [], satellites: past.satellites ?? [] })}</td>
      <td class="nb" title={exact(past.since)}>{dayAndTime(past.since)}</td>
      <td class="num col-m">{isNumber(closed) ? duration(closed - past.since) : percent(null)}</td>
      <td class="num col-m nb" title={exact(closed)}>{isNumber(closed) ? dayAndTime(closed) : percent(null)}</td>
    </tr>
  )
}
