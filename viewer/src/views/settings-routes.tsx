/** Whom the agent tells: each route with how it does, its test, and what goes by it. Addresses are secrets. */

import { useState } from 'preact/hooks'
import { connection } from '../data/agent.ts'
import { routeWord, testRoutes, toneOfRoute, type Tested } from '../data/routes.ts'
import { change, type Route, type Settings } from '../data/settings.ts'
import { calmNow } from '../data/store.ts'
import { desk } from '../text/desk.ts'
import { exact } from '../text/times.ts'
import { words } from '../text/words.ts'
import { Modal, showDialog } from '../ui/dialog.tsx'
import { Icon } from '../ui/icons.tsx'
import { ToneIcon } from '../ui/parts.tsx'
import { RouteForm } from './routeform.tsx'

const say = desk.routes
type Results = Record<string, Tested>

const openForm = (settings: Settings, route: Route | null): void =>
  showDialog(close => <RouteForm key={route?.name ?? ''} route={route} settings={settings} close={close} />)

export function RoutesCard({ settings }: { settings: Settings }) {
  const [results, setResults] = useState<Results>({})
  const [busy, setBusy] = useState<string | null>(null)
  const off = connection.phase.value !== 'live'
  const test = async (route?: string): Promise<void> => {
    setBusy(route ?? '')
    const found = await testRoutes(route)
    setBusy(null)
    if (found) setResults(known => ({ ...known, ...found.all }))
  }
  const told = settings.routes
  return (
    <section class="card w7" id="set-notify">
      <header>
        <h2>{say.head}</h2><span class="s faint">{say.below}</span>
        <span class="grow" />
        {told.length > 1 && <button class="btn" type="button" disabled={off || busy !== null} onClick={() => void test()}>{busy === '' ? desk.testing : say.testAll}</button>}
        <button class={`btn ${told.length ? '' : 'main'}`} type="button" disabled={off} onClick={() => openForm(settings, null)}>{say.add}</button>
      </header>
      {told.length === 0 && <p class="m soft">{say.none}</p>}
      <ul class="routes">
        {told.map(route => <Line key={route.name} route={route} settings={settings} off={off} busy={busy !== null} testing={busy === route.name} result={results[route.name] ?? null} test={() => void test(route.name)} />)}
        {settings.removed.map(({ name, url }) => <Gone key={name} name={name} url={url} off={off} />)}
      </ul>
    </section>
  )
}

/** `critical, warning · all nodes · keeps quiet hours · digest` */
function facts({ severities, nodes, quiet, notices, digest }: Route): string {
  const which = severities.map(one => say.severities[one] ?? one).join(', ')
  return [which, nodes.length ? nodes.join(', ') : say.allNodes, quiet ? say.quiet : say.loud, notices ? say.notices : '', digest ? say.digest : ''].filter(Boolean).join(' · ')
}

interface LineProps { route: Route; settings: Settings; off: boolean; busy: boolean; testing: boolean; result: Tested | null; test(): void }

function Line({ route, settings, off, busy, testing, result, test }: LineProps) {
  const { name } = route
  return (
    <li>
      <ToneIcon tone={toneOfRoute(route)} />
      <div>
        <h3>{name} <span class="mono soft">{route.url}</span></h3>
        <p class="m soft" title={exact(route.state?.last)}>{routeWord(route, calmNow.value)} · <span class="faint">{say.from[route.from] ?? route.from}</span></p>
        <p class="m faint">{facts(route)}</p>
        {result && <p class="m" role="status"><Icon name={result.ok ? 'ok' : 'warn'} tone={result.ok ? 'ok' : 'warn'} /> {result.text}</p>}
      </div>
      <div class="opts">
        <button class="btn" type="button" disabled={off || busy} aria-label={`${say.test}: ${name}`} onClick={test}>{testing ? desk.testing : say.test}</button>
        <button class="btn" type="button" disabled={off} aria-label={`${say.change} ${name}`} onClick={() => openForm(settings, route)}>{say.change}</button>
        {route.reset && route.from === 'both' && <button class="btn" type="button" disabled={off} aria-label={`${say.reset}: ${name}`} onClick={() => void change({ key: `route.${name}`, value: null }, say.wasReset(name))}>{say.reset}</button>}
        <button class="btn bare" type="button" disabled={off} aria-label={`${say.remove}: ${name}`} onClick={() => showDialog(close => <Remove route={route} close={close} />)}>{say.remove}</button>
      </div>
    </li>
  )
}

/** A route of the file that is switched off: `Reset` brings it back. */
function Gone({ name, url, off }: { name: string; url: string; off: boolean }) {
  return (
    <li class="gone">
      <ToneIcon tone="maint" />
      <div><h3>{name} <span class="mono">{url}</span></h3><p class="m soft">{say.removedHere}</p></div>
      <div class="opts"><button class="btn" type="button" disabled={off} aria-label={`${say.reset}: ${name}`} onClick={() => void change({ key: `route.${name}`, value: null }, say.wasReset(name))}>{say.reset}</button></div>
    </li>
  )
}

function Remove({ route: { name, from }, close }: { route: Route; close(): void }) {
  const send = (): void => {
    close()
    void change({ key: `route.${name}`, value: { remove: true } }, say.removed(name))
  }
  return (
    <Modal title={say.askRemove(name)} close={close}>
      <p class="m soft">{from === 'page' ? say.removeBody : `${say.removeBody} ${say.removeFileBody}`}</p>
      <div class="opts right">
        <button class="btn" type="button" onClick={close}>{words.alert.cancel}</button>
        <button class="btn main" type="button" onClick={send}>{say.removeMain(name)}</button>
      </div>
    </Modal>
  )
}
