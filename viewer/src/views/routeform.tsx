/** The dialog that makes or changes a route. Its address goes to the agent and never comes back. */

import { useState } from 'preact/hooks'
import { change, type Route, type Settings } from '../data/settings.ts'
import { nodes } from '../data/store.ts'
import { connection } from '../data/agent.ts'
import { desk } from '../text/desk.ts'
import { words } from '../text/words.ts'
import { Modal } from '../ui/dialog.tsx'

const say = desk.routes
const NAME = /^[a-z0-9_-]{1,40}$/
const SEVERITIES = ['critical', 'warning', 'info']
const FLAGS = [['quiet', say.quietLabel], ['notices', say.noticesLabel], ['digest', say.digestLabel]] as const

interface Draft { name: string; url: string; severities: string[]; nodes: string[]; quiet: boolean; notices: boolean; digest: boolean }
const EMPTY: Draft = { name: '', url: '', severities: ['critical', 'warning'], nodes: [], quiet: true, notices: false, digest: true }

const toggled = (list: string[], one: string): string[] => (list.includes(one) ? list.filter(each => each !== one) : [...list, one])

/** Only what differs is sent, so that a later change of the file is not hidden by what nobody touched. */
function sent(draft: Draft, route: Route | null): Record<string, unknown> {
  const { name: _, url, ...rest } = draft
  const before: Partial<Draft> = route ?? {}
  const changed = Object.entries(rest).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(before[key as keyof Draft]))
  return { ...Object.fromEntries(changed), ...(url ? { url } : {}) }
}

export function RouteForm({ route, settings, close }: { route: Route | null; settings: Settings; close(): void }) {
  const [draft, setDraft] = useState<Draft>(route ? { ...EMPTY, ...pick(route), url: '' } : EMPTY)
  const [tried, setTried] = useState(false)
  const set = (part: Partial<Draft>): void => setDraft({ ...draft, ...part })
  const wrong = faultOf(draft, route, settings)
  const send = async (event: Event): Promise<void> => {
    event.preventDefault()
    setTried(true)
    if (wrong) return
    // the dialog stays until the agent has taken it: what it refuses can be mended here
    if (await change({ key: `route.${draft.name}`, value: sent(draft, route) }, route ? say.changedToast(draft.name) : say.added(draft.name))) close()
  }
  return (
    <Modal title={route ? say.askChange(route.name) : say.askAdd} close={close} wide>
      <form class="form" onSubmit={event => void send(event)}>
        {!route && <label>{say.name}<input class="field" required maxLength={40} placeholder={say.nameHint} value={draft.name} autocomplete="off" spellcheck={false} onInput={event => set({ name: event.currentTarget.value.trim() })} /></label>}
        <Address draft={draft} route={route} set={set} />
        <Boxes head={say.which} of={SEVERITIES.map(one => [one, say.severities[one] ?? one])} on={draft.severities} press={one => set({ severities: toggled(draft.severities, one) })} />
        <Boxes head={say.nodes} of={namesFor(draft).map(one => [one, one])} on={draft.nodes} press={one => set({ nodes: toggled(draft.nodes, one) })} below={say.nodesNone} />
        <Boxes head={say.also} of={FLAGS} on={FLAGS.map(([key]) => key).filter(key => draft[key])} press={one => set({ [one]: !draft[one as 'quiet'] })} />
        <p class="m crit" role="alert">{tried && wrong}</p>
        <div class="opts right">
          <button class="btn" type="button" onClick={close}>{words.alert.cancel}</button>
          <button class="btn main" type="submit">{route ? say.changeMain(route.name) : say.addMain(draft.name)}</button>
        </div>
      </form>
    </Modal>
  )
}

const pick = ({ name, severities, nodes: of, quiet, notices, digest }: Route): Partial<Draft> => ({ name, severities, nodes: of, quiet, notices, digest })

/** The agent's own nodes, and those that the route names already. */
const namesFor = (draft: Draft): string[] => [...new Set([...nodes.value.filter(({ agent }) => !connection.agent.value || agent === connection.agent.value).map(({ name }) => name), ...draft.nodes])]

function faultOf(draft: Draft, route: Route | null, settings: Settings): string {
  if (!NAME.test(draft.name)) return say.nameBad
  if (!route && [...settings.routes, ...settings.removed].some(({ name }) => name === draft.name)) return say.taken
  return draft.severities.length ? '' : say.pick
}

function Address({ draft, route, set }: { draft: Draft; route: Route | null; set(part: Partial<Draft>): void }) {
  return (
    <>
      <label>
        {say.url}
        <input class="field mono" type="password" autocomplete="new-password" spellcheck={false} required={!route} placeholder={route?.url ?? ''} aria-describedby="url-help" value={draft.url} onInput={event => set({ url: event.currentTarget.value.trim() })} />
      </label>
      <div id="url-help" class="s faint">
        {route ? <p>{say.urlKept}</p> : null}
        <p>{say.urlHelp}</p>
        <ul class="mono examples">{say.examples.map(one => <li key={one}>{one}</li>)}</ul>
      </div>
    </>
  )
}

interface BoxesProps { head: string; of: readonly (readonly [string, string])[]; on: readonly string[]; press(one: string): void; below?: string }

function Boxes({ head, of, on, press, below }: BoxesProps) {
  return (
    <fieldset>
      <legend>{head}</legend>
      <div class="boxes">{of.map(([value, text]) => <label key={value}><input type="checkbox" checked={on.includes(value)} onChange={() => press(value)} /> {text}</label>)}</div>
      {below && <p class="s faint">{below}</p>}
    </fieldset>
  )
}
