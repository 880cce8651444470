/** Which view, and in which state. */

import { useEffect } from 'preact/hooks'
import { connection } from './data/agent.ts'
import { criticals, hasBoard, isKept } from './data/store.ts'
import { route } from './route.ts'
import { words } from './text/words.ts'
import { Dialog } from './ui/dialog.tsx'
import { Sprite } from './ui/icons.tsx'
import { lazy } from './ui/lazy.tsx'
import { PageSkeleton, Toast } from './ui/parts.tsx'
import { Why } from './ui/why.tsx'
import { Header, Tabs } from './views/header.tsx'
import { Overview } from './views/overview.tsx'
import { SelectDialog } from './views/select.tsx'
import { AwayBanner, Login, Nowhere, Refused, Unheard } from './views/states.tsx'

const AlertsPage = lazy(async () => (await import('./views/alerts.tsx')).AlertsPage)
const LivePage = lazy(async () => (await import('./views/live.tsx')).LivePage)
const ComparePage = lazy(async () => (await import('./views/compare.tsx')).ComparePage)
const ReportsPage = lazy(async () => (await import('./views/reports.tsx')).ReportsPage)
const SettingsPage = lazy(async () => (await import('./views/settings.tsx')).SettingsPage)
const NodePage = lazy(async () => (await import('./views/node.tsx')).NodePage)

export function App() {
  useTitle()
  return (
    <>
      <Sprite />
      <a class="skip" href="#main" onClick={skip}>{words.skip}</a>
      <Header />
      <main id="main" tabIndex={-1}><Main /></main>
      <Tabs />
      <Toast />
      <Dialog />
      <SelectDialog />
      <Why />
    </>
  )
}

/** A tab in the background says where it is and whether something is critical. */
function useTitle(): void {
  const { page, rest } = route.value
  const where = page === 'node' ? rest[1] : words.pages[page as 'overview']
  const urgent = criticals.value
  useEffect(() => {
    document.title = [urgent ? words.titleCritical(urgent) : '', where ?? '', words.title].filter(Boolean).join(' · ')
  }, [where, urgent])
}

/** The hash is the route: the link must not change it. */
function skip(event: Event): void {
  event.preventDefault()
  document.getElementById('main')?.focus()
}

function Main() {
  const phase = connection.phase.value
  if (phase === 'login') return <Login />
  if (phase === 'refused') return <Refused />
  if (!hasBoard.value) return phase === 'live' ? <Overview /> : phase === 'away' ? <Unheard /> : <PageSkeleton />
  const away = phase === 'away' || isKept.value
  return (
    <>
      {away && <AwayBanner />}
      <div class={away ? 'stale all' : ''}><View /></div>
    </>
  )
}

function View() {
  const { page, rest } = route.value
  if (page === 'overview') return <Overview />
  const id = rest.slice(0, 2).join('/')
  if (page === 'node' && (rest.length === 2 || rest.length === 3)) return <NodePage key={id} id={id} section={rest[2]} />
  if (page === 'alerts') return <AlertsPage />
  if (page === 'compare') return <ComparePage />
  if (page === 'reports') return <ReportsPage />
  if (page === 'settings') return <SettingsPage />
  if (page === 'live') return <LivePage />
  return <Nowhere />
}
