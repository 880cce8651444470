/** Where notices go, and whether they arrive: beside the open alerts. */

import { useState } from 'preact/hooks'
import { connection } from '../data/agent.ts'
import { routeWord, testRoutes, toneOfRoute } from '../data/routes.ts'
import { useSettings, type Route } from '../data/settings.ts'
import { calmNow } from '../data/store.ts'
import { to } from '../route.ts'
import { desk } from '../text/desk.ts'
import { exact } from '../text/times.ts'
import { toast, ToneIcon } from '../ui/parts.tsx'

const say = desk.notices

export function NoticesCard() {
  const { value } = useSettings()
  const [busy, setBusy] = useState(false)
  if (!value) return null
  const { routes } = value
  const test = async (): Promise<void> => {
    setBusy(true)
    const found = await testRoutes()
    setBusy(false)
    if (found) toast(found.bad.length ? desk.testedFailed(found.bad.length) : desk.tested)
  }
  return (
    <section class="card">
      <header>
        <h2>{say.head}</h2>
        <span class="grow" />
        <a class="btn bare" href={`${to.settings}/notify`}>{say.routes}</a>
      </header>
      {routes.length === 0
        ? <p class="m">{desk.noRoutes} <a href={`${to.settings}/notify`}>{desk.addRoute}</a></p>
        : (
          <>
            <ul class="routes-brief">{routes.map(route => <Line key={route.name} route={route} />)}</ul>
            <p class="gapt"><button class="btn" type="button" disabled={busy || connection.phase.value !== 'live'} onClick={() => void test()}>{busy ? desk.testing : desk.test}</button></p>
          </>
        )}
    </section>
  )
}

function Line({ route }: { route: Route }) {
  return (
    <li>
      <b>{route.name}</b>
      <span class="soft wrap" title={exact(route.state?.last)}>{routeWord(route, calmNow.value)}</span>
      <ToneIcon tone={toneOfRoute(route)} />
    </li>
  )
}
