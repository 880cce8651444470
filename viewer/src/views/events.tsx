/** What happened lately, of one node or of all. */

import { fold, type Event, type Folded } from '../data/events.ts'
import { calmNow, nodes } from '../data/store.ts'
import { to } from '../route.ts'
import { exact, since } from '../text/times.ts'
import { words } from '../text/words.ts'
import { Icon, type IconName } from '../ui/icons.tsx'

const ICONS: Record<string, IconName> = { critical: 'crit', warning: 'warn' }
const TONES: Record<string, string> = { critical: 'crit', warning: 'warn' }

export function EventsCard({ events, shown, wide, named }: { events: Event[]; shown: number; wide: string; named: boolean }) {
  return (
    <section class={`card ${wide}`}>
      <header><h2>{words.events.head}</h2></header>
      <ol class="plain events">{fold(events).slice(0, shown).map(event => <Row key={event.id} event={event} named={named} />)}</ol>
    </section>
  )
}

function Row({ event, named }: { event: Folded; named: boolean }) {
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
