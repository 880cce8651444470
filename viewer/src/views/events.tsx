/** What happened lately, of one node or of all. */

import { useState } from 'preact/hooks'
import { addNote } from '../data/actions.ts'
import { connection } from '../data/agent.ts'
import { fold, type Event, type Folded } from '../data/events.ts'
import type { Node } from '../data/model.ts'
import { calmNow, nodes } from '../data/store.ts'
import { to } from '../route.ts'
import { exact, since } from '../text/times.ts'
import { words } from '../text/words.ts'
import { Icon, type IconName } from '../ui/icons.tsx'
import { BeforeAfter } from '../ui/marks-row.tsx'

const ICONS: Record<string, IconName> = { critical: 'crit', warning: 'warn' }
const TONES: Record<string, string> = { critical: 'crit', warning: 'warn' }

/** On the page of a node one of its events can be compared, and a note be added. */
interface Props { events: Event[]; shown: number; wide: string; named: boolean; node?: Node }

export function EventsCard({ events, shown, wide, named, node }: Props) {
  const [chosen, choose] = useState<Event | null>(null)
  const press = node && ((event: Event): void => choose(chosen?.id === event.id ? null : event))
  return (
    <section class={`card ${wide}`}>
      <header><h2>{words.events.head}</h2></header>
      <ol class="plain events">{fold(events).slice(0, shown).map(event => <Row key={event.id} event={event} named={named} press={press} on={chosen?.id === event.id} />)}</ol>
      {node && <BeforeAfter nodes={[node]} marker={chosen && { at: chosen.at, share: 0, letter: 'N', texts: [chosen.text] }} />}
      {node && <NoteForm node={node} />}
    </section>
  )
}

function NoteForm({ node }: { node: Node }) {
  const [text, setText] = useState('')
  const send = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (text.trim() && (await addNote(node, text.trim()))) setText('')
  }
  return (
    <form class="tools gap3" onSubmit={event => void send(event)}>
      <input class="field grow" maxLength={300} value={text} aria-label={words.notes.label} placeholder={words.notes.hint} onInput={event => setText(event.currentTarget.value)} />
      <button class="btn" type="submit" disabled={connection.phase.value !== 'live' || !text.trim()}>{words.notes.add}</button>
    </form>
  )
}

function Row({ event, named, press, on }: { event: Folded; named: boolean; press?: ((event: Event) => void) | undefined; on: boolean }) {
  const icon = ICONS[event.severity]
  return (
    <li class="ev">
      <time dateTime={new Date(event.at * 1000).toISOString()} title={exact(event.at)}>{since(event.at, calmNow.value)}</time>
      <span class="mark-of">{icon && <Icon name={icon} tone={TONES[event.severity] ?? ''} />}</span>
      <span>
        {named && event.node && <><Owner name={event.node} />: </>}
        {event.text}
        {event.satellite && <span class="faint"> · {satellite(event)}</span>}
        {event.times > 1 && <span class="soft"> · {words.events.times(event.times)}</span>}
        {press && <> <button class="link" type="button" aria-expanded={on} aria-label={`${words.compared.act}: ${event.text}`} onClick={() => press(event)}>{words.compared.act}</button></>}
      </span>
    </li>
  )
}

const owner = (name: string) => nodes.value.find(node => node.name === name)

function Owner({ name }: { name: string }) {
  const node = owner(name)
  return node ? <a href={to.node(node.key)}>{name}</a> : <>{name}</>
}

/** Its short name where the board knows it. */
const satellite = (event: Folded): string =>
  owner(event.node ?? '')?.satellites.find(({ state }) => state.satellite_id === event.satellite)?.name ?? event.satellite.slice(0, 8)
