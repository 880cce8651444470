/** The frame of the page: where one can go, whether it is live, the theme. */

import { connection, trueAt } from '../data/agent.ts'
import { criticals, now } from '../data/store.ts'
import { route, to } from '../route.ts'
import { nextTheme, theme } from '../theme.ts'
import { duration } from '../text/times.ts'
import { words } from '../text/words.ts'
import { SelectButton } from './select.tsx'
import { Brand, Icon, type IconName } from '../ui/icons.tsx'

interface Page { id: 'overview' | 'live' | 'compare' | 'alerts' | 'reports' | 'settings'; icon: IconName; href: string }

export const PAGES: Page[] = [
  { id: 'overview', icon: 'grid', href: to.overview },
  { id: 'live', icon: 'globe', href: to.live },
  { id: 'compare', icon: 'scale', href: to.compare },
  { id: 'alerts', icon: 'bell', href: to.alerts },
  { id: 'reports', icon: 'table', href: to.reports },
  { id: 'settings', icon: 'gear', href: to.settings },
]

const current = (page: Page) => (route.value.page === page.id ? { 'aria-current': 'page' as const } : {})

/** Behind a login there is nowhere to go yet. */
const isOpen = (): boolean => connection.phase.value !== 'login'

function Badge({ page }: { page: Page }) {
  if (page.id !== 'alerts') return null
  const urgent = criticals.value
  return urgent ? <span class="n">{urgent}<span class="vh"> {words.tone.crit}</span></span> : null
}

export function Header() {
  return (
    <header class="top">
      <a class="brand" href={to.overview} aria-label={`${words.title}, ${words.pages.overview}`}><Brand /><span>{words.title}</span></a>
      {isOpen() && (
        <nav class="nav" aria-label={words.pagesLabel}>
          {PAGES.map(page => (
            <a key={page.id} href={page.href} {...current(page)}>{words.pages[page.id]}<Badge page={page} /></a>
          ))}
        </nav>
      )}
      <span class="grow" />
      <LiveDot />
      <SelectButton />
      <button class="btn bare" type="button" onClick={nextTheme} title={`${words.theme.label}: ${words.theme[theme.value]}`} aria-label={`${words.theme.label}: ${words.theme[theme.value]}`}>
        <Icon name="theme" />
      </button>
    </header>
  )
}

function LiveDot() {
  const phase = connection.phase.value
  const at = trueAt()
  const heard = connection.heardAt.value
  const age = heard ? Math.max(0, (Date.now() - heard) / 1000) : 0
  now.value // once a second
  if (phase === 'login') return null // it waits for the reader, not for the agent
  const text = phase === 'live' ? words.connection.live(age < 1 ? words.times.now : words.times.ago(duration(Math.floor(age))))
    : phase === 'away' && at ? words.connection.away(duration(now.value - at)) : words.connection.connecting
  return <span class={phase === 'live' ? 'live' : 'live off'}><i /><span>{text}</span></span>
}

/** The bar at the foot of a phone. */
export function Tabs() {
  return isOpen() && (
    <nav class="tabs" aria-label={words.pagesLabel}>
      {PAGES.map(page => (
        <a key={page.id} href={page.href} {...current(page)}><Icon name={page.icon} />{words.pages[page.id]}<Badge page={page} /></a>
      ))}
    </nav>
  )
}
