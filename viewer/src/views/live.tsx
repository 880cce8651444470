/** Live: where the pieces go, second by second, and what the logs say. Seen now, stored never. */

import { signal } from '@preact/signals'
import { useEffect, useRef, useState } from 'preact/hooks'
import { onLive } from '../data/live.ts'
import { aboutOf, agents, chosen, now } from '../data/store.ts'
import { ASPECT } from '../live/earth.ts'
import { KINDS } from '../live/kinds.ts'
import { withLines, type LogRow } from '../live/log.ts'
import { WorldMap, type KindFilter, type Weight } from '../live/map.ts'
import { Countries } from '../live/places.ts'
import { themeVersion } from '../theme.ts'
import { decimal, size } from '../text/numbers.ts'
import { words } from '../text/words.ts'
import { Seg } from '../ui/parts.tsx'
import { CountriesCard, countryName } from './countries.tsx'
import { LiveLog } from './livelog.tsx'
import { QUANTITIES, SecondsCard, useWatch } from './livechart.tsx'

const say = words.live
const SPAN = 120

const countries = new Countries()
const log = signal<LogRow[]>([])
const pausedAt = signal<number | null>(null)

const KIND_FILTERS = [['all', say.all], ...KINDS.map(({ kind, name }) => [kind, say.kinds[name as 'out']] as const)] as const
const WEIGHTS = [['bytes', say.bytes], ['count', say.count]] as const

export function LivePage() {
  const [filter, setFilter] = useState<KindFilter>('all')
  const [weight, setWeight] = useState<Weight>('bytes')
  useWatch(chosen.value)
  useEffect(() => onLive(message => {
    if (pausedAt.peek() !== null) return
    for (const point of message.points) countries.add(point, Date.now() / 1000)
    if (message.lines.length) log.value = withLines(log.peek(), message.node, message.lines)
  }), [])
  const paused = pausedAt.value !== null
  const at = pausedAt.value ?? now.value
  return (
    <>
      <div class="sec">
        <h1 class="h">{words.pages.live}</h1>
        <span class="soft">{say.below(chosen.value.length)}</span>
        <span class="grow" />
        <div class="tools">
          <Seg label={say.kind} of={KIND_FILTERS} value={filter} set={setFilter} />
          <Seg label={say.weight} of={WEIGHTS} value={weight} set={setWeight} />
          <button class="btn" type="button" aria-pressed={paused} onClick={() => (pausedAt.value = paused ? null : now.peek())}>{paused ? say.resume : say.pause}</button>
        </div>
      </div>
      <Elsewhere />
      <div class="grid">
        <div class="w9 stack">
          <MapCard filter={filter} weight={weight} />
          <LiveLog rows={log.value} />
        </div>
        <div class="w3 stack">
          <SecondsCard quantity={QUANTITIES.rate} title={say.rate} span={SPAN} low at={at} />
          <SecondsCard quantity={QUANTITIES.pieces} span={SPAN} low at={at} />
          <CountriesCard countries={countries} at={at} />
        </div>
      </div>
    </>
  )
}

/** Live data never cross the broker: other hosts are looked at on their own page. */
function Elsewhere() {
  if (agents.value.length < 2) return null
  const others = agents.value.filter(agent => aboutOf(agent).url)
  return (
    <p class="m soft">
      {say.elsewhere} {others.length > 0 && say.elsewhereLinks} {others.map(agent => <a key={agent} class="spaced" href={aboutOf(agent).url ?? ''} rel="noreferrer">{agent}</a>)}
    </p>
  )
}

function MapCard({ filter, weight }: { filter: KindFilter; weight: Weight }) {
  const host = useRef<HTMLDivElement>(null)
  const map = useRef<WorldMap | null>(null)
  const [tip, setTip] = useState<string>('')
  useEffect(() => {
    const world = (map.current = new WorldMap(host.current!))
    world.start()
    const leave = onLive(message => pausedAt.peek() === null && world.add(message))
    return () => {
      leave()
      world.stop()
    }
  }, [])
  const theme = themeVersion.value
  useEffect(() => {
    Object.assign(map.current!, { filter, weight })
    map.current!.redraw()
  }, [filter, weight, theme])
  const look = (event: PointerEvent): void => {
    const found = map.current?.at(event.clientX, event.clientY)
    setTip(found ? say.tip(countryName(found.country), decimal(found.count, 0), size(found.bytes)) : '')
  }
  return (
    <section class="card map">
      <header>
        <h2>{say.map}</h2>
        <span class="s faint tip-line" role="status">{tip}</span>
        <span class="grow" />
        <span class="legend">{KINDS.map(({ kind, name, token, dash }) => (
          <span key={kind}><svg aria-hidden="true"><circle class={`ring ${token}`} cx="7" cy="5" r="4" stroke-dasharray={dash.join(' ')} /></svg>{say.kinds[name as 'out']}</span>
        ))}</span>
      </header>
      <div class="world" ref={host} style={{ aspectRatio: String(ASPECT) }} role="img" aria-label={say.mapLabel} onPointerMove={look} onPointerDown={look} onPointerLeave={() => setTip('')}>
        <NoPlaces />
      </div>
    </section>
  )
}

/** Without a place file no point has a place: the card says how to get one. */
function NoPlaces() {
  now.value
  if (countries.seen < 20 || countries.placed > 0) return null
  return (
    <div class="no-places">
      <p>{say.noPlaces}</p>
      <pre>{say.noPlacesCommand}</pre>
    </div>
  )
}
