/** Every alert: open, silenced, past; what is unusual; and the rules behind them. */

import { useState } from 'preact/hooks'
import { useCatalogue, type Catalogue } from '../data/desk.ts'
import { grouped, isSilenced, isUrgent, namesOf, satellitesOf, toneOf, toneOfAlert, worst, type Problem } from '../data/model.ts'
import type { Sentence } from '../data/status.ts'
import { calmNow, chosen, concerns, problems } from '../data/store.ts'
import { lastNotice, useTold, type Told } from '../data/told.ts'
import { route, to } from '../route.ts'
import { desk } from '../text/desk.ts'
import { duration, since } from '../text/times.ts'
import { words } from '../text/words.ts'
import { Say } from '../ui/say.tsx'
import { History, RecentHistory } from './alerthistory.tsx'
import { GroupRow } from './alertrows.tsx'
import { InsightsCard, InsightsList, useInsights } from './alertinsights.tsx'
import { LookbackCard } from './lookback.tsx'
import { NoticesCard } from './notices.tsx'
import { Rules } from './rules.tsx'
import { SilencedCard, useSilences } from './silences.tsx'
import '../style/desk.css'

const LISTS = ['open', 'silenced', 'history', 'insights', 'rules'] as const
type List = (typeof LISTS)[number]

/** When people last heard of what is open. */
function heard(open: Problem[], told: Told): string {
  const last = lastNotice(open, told)
  if (!last) return ''
  const { problem, notice } = last
  return desk.told.last(since(notice.at, calmNow.value), notice.route, duration(Math.max(0, notice.at - problem.since)))
}

/** Counts what is one row as one. */
function sentence(needs: Problem[], below: string): Sentence {
  const now = calmNow.value
  const open = grouped(needs).map(([lead]) => lead!)
  const urgent = open.filter(problem => toneOfAlert(problem) === 'crit').length
  const wait = open.length - urgent
  const none = worst(chosen.value.map(node => toneOf(node.state, now)))
  const tone = open.length ? worst(open.map(toneOfAlert)) : none === 'crit' || none === 'warn' ? none : 'ok'
  return { tone, head: open.length ? words.say.alertsOpen(urgent, wait) : words.say.alertsNone, below }
}

const holds = (text: string) => (problem: Problem): boolean =>
  `${problem.text} ${problem.rule} ${problem.next_step ?? ''} ${namesOf([problem]).join(' ')} ${satellitesOf([problem]).join(' ')}`.toLowerCase().includes(text.trim().toLowerCase())

const listOf = (name: string | undefined): List => LISTS.find(one => one === name) ?? 'open'

export function AlertsPage() {
  const [text, setText] = useState('')
  const { rest } = route.value
  const list = listOf(rest[0])
  const now = calmNow.value
  const mine = problems.value.filter(concerns)
  const open = mine.filter(problem => !isSilenced(problem, now))
  const catalogue = useCatalogue() // asked first: the others may wait for far agents
  const told = useTold(open)
  const silences = useSilences()
  const insights = useInsights()
  const counts: Partial<Record<List, number>> = { open: grouped(open).length, silenced: silences.rows.length, insights: insights?.open.length ?? 0 }
  const fits = holds(text)
  const finds = list === 'rules' ? desk.rules.find : words.alert.search
  return (
    <>
      <Say sentence={sentence(open.filter(problem => isUrgent(problem, now)), heard(open, told))} />
      <div class="tools tabsrow">
        <Lists list={list} counts={counts} />
        <span class="grow" />
        {list !== 'silenced' && <input class="field" type="search" data-find placeholder={finds} aria-label={finds} value={text} onInput={event => setText(event.currentTarget.value)} />}
      </div>
      {list === 'open' && <Open rows={open.filter(fits)} all={open.length} catalogue={catalogue} told={told} aside={<Aside />} />}
      {list === 'silenced' && <SilencedCard />}
      {list === 'history' && <History fits={fits} catalogue={catalogue} />}
      {list === 'insights' && <InsightsList text={text} />}
      {list === 'rules' && <Rules text={text} chosen={rest[1] ?? null} open={mine} />}
    </>
  )
}

/** Links that look like a choice: each list has its address. */
function Lists({ list, counts }: { list: List; counts: Partial<Record<List, number>> }) {
  return (
    <nav class="seg" aria-label={desk.tabsLabel}>
      {LISTS.map(one => <a key={one} href={one === 'open' ? to.alerts : `${to.alerts}/${one}`} aria-current={one === list ? 'true' : undefined}>{desk.tabs[one]}{counts[one] ? ` ${counts[one]}` : ''}</a>)}
    </nav>
  )
}

interface OpenProps { rows: Problem[]; all: number; catalogue: Catalogue; told: Told; aside: preact.ComponentChildren }

function Open({ rows, all, catalogue, told, aside }: OpenProps) {
  return (
    <div class="grid desk">
      <div class="w8 stack">
        {rows.length === 0 && <p class="card soft">{all ? desk.history.noneFit : words.alert.none}</p>}
        <div>{grouped(rows).map(group => <GroupRow key={`${group[0]!.agent}/${group[0]!.id}`} group={group} catalogue={catalogue} told={told} />)}</div>
        <SilencedCard small />
        <RecentHistory catalogue={catalogue} />
      </div>
      <div class="w4 stack">{aside}</div>
    </div>
  )
}

function Aside() {
  return (
    <>
      <InsightsCard />
      <NoticesCard />
      <LookbackCard />
    </>
  )
}
