/** Live: where the pieces go, second by second, and what the logs say. Seen now, stored never. */

import { signal } from '@preact/signals'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { ownOf } from '../data/agent.ts'
import { lastSeconds, onLive } from '../data/live.ts'
import { chosen, now } from '../data/store.ts'
import { ASPECT } from '../live/earth.ts'
import { KINDS } from '../live/kinds.ts'
import { withLines, type LogRow } from '../live/log.ts'
import { WorldMap, type KindFilter, type Weight } from '../live/map.ts'
import { Countries, type Found } from '../live/places.ts'
import { themeVersion } from '../theme.ts'
import { decimal, mbit } from '../text/numbers.ts'
import { words } from '../text/words.ts'
import { Icon } from '../ui/icons.tsx'
import { Seg } from '../ui/parts.tsx'
import { CountriesCard, countryName } from './countries.tsx'
import { LiveLog } from './livelog.tsx'
import { Elsewhere, QUANTITIES, SecondsCard, useWatch } from './livechart.tsx'

const say = words.live
const SPAN = 300

const log = signal<LogRow[]>([])
const pausedAt = signal<number | null>(null)

const KIND_FILTERS = [['all', say.all], ...KINDS.map(({ kind }) => [kind, say.kindsAlone[kind]] as const)] as const
const WEIGHTS = [['bytes', say.bytes], ['count', say.count]] as const

export function LivePage() {
  const [filter, setFilter] = useState<KindFilter>('all')
  const [weight, setWeight] = useState<Weight>('bytes')
  const own = ownOf(chosen.value)
  const names = own.map(node => node.name).sort().join(' ')
  const countries = useMemo(() => new Countries(), [names])
  useWatch(own)
  useEffect(() => onLive(message => {
    if (pausedAt.peek() !== null || !names.split(' ').includes(message.node)) return
    for (const point of message.points) countries.add(point, Date.now() / 1000)
    if (message.lines.length) log.value = withLines(log.peek(), message.node, message.lines)
  }), [names])
  const paused = pausedAt.value !== null
  const at = pausedAt.value ?? now.value
  const unread = own.flatMap(node => node.state.log_unknown_share ?? [])
  return (
    <>
      <div class="sec">
        <h1 class="h">{words.pages.live}</h1>
        <span class="soft">{say.below(own.length, decimal(piecesNow(own.map(node => node.name), at), 1))}</span>
        <span class="grow" />
        <div class="tools">
          <Seg label={say.kind} of={KIND_FILTERS} value={filter} set={setFilter} />
          <Seg label={say.weight} of={WEIGHTS} value={weight} set={setWeight} />
          <button class="btn" type="button" aria-pressed={paused} onClick={() => (pausedAt.value = paused ? null : now.peek())}>{paused ? say.resume : say.pause}</button>
        </div>
      </div>
      <Elsewhere nodes={chosen.value} />
      {own.length > 0 && (
        <div class="grid">
          <div class="w9 stack">
            <MapCard key={names} names={names} filter={filter} weight={weight} countries={countries} />
            <LiveLog rows={log.value.filter(row => names.split(' ').includes(row.node))} unread={unread.length ? Math.max(...unread) : null} />
          </div>
          <div class="w3 stack">
            <SecondsCard nodes={own} quantity={QUANTITIES.rate} title={say.rate} span={SPAN} low at={at} />
            <SecondsCard nodes={own} quantity={QUANTITIES.pieces} span={SPAN} low at={at} />
            <SecondsCard nodes={own} quantity={QUANTITIES.open} span={SPAN} low at={at} />
            <CountriesCard countries={countries} at={at} />
          </div>
        </div>
      )}
    </>
  )
}

/** The mean of those of ten whole seconds that are known. */
function piecesNow(names: string[], at: number): number | null {
  const known = lastSeconds(names, 10, Math.floor(at) - 1).filter(second => second !== null)
  return known.length ? known.reduce((sum, second) => sum + second.outPieces + second.inPieces, 0) / known.length : null
}

interface MapProps { names: string; filter: KindFilter; weight: Weight; countries: Countries }
interface Tip extends Found { left: number; top: number; end: boolean }

function MapCard({ names, filter, weight, countries }: MapProps) {
  const host = useRef<HTMLDivElement>(null)
  const map = useRef<WorldMap | null>(null)
  const [tip, setTip] = useState<Tip | null>(null)
  useEffect(() => {
    const world = (map.current = new WorldMap(host.current!))
    world.start()
    const leave = onLive(message => pausedAt.peek() === null && names.split(' ').includes(message.node) && world.add(message))
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
    const box = host.current!.getBoundingClientRect()
    const found = map.current?.at(event.clientX, event.clientY)
    setTip(found ? { ...found, left: event.clientX - box.left, top: event.clientY - box.top, end: event.clientX > box.left + box.width / 2 } : null)
  }
  return (
    <section class="card map">
      <header>
        <h2>{say.map}</h2>
        <span class="grow" />
        <span class="legend">{KINDS.map(({ kind, token, dash }) => (
          <span key={kind}><svg aria-hidden="true"><circle class={`ring ${token}`} cx="7" cy="5" r="4" stroke-dasharray={dash.join(' ')} /></svg>{say.kinds[kind]}</span>
        ))}</span>
      </header>
      <div class="world" ref={host} style={{ aspectRatio: String(ASPECT) }} role="img" aria-label={say.mapLabel} onPointerMove={look} onPointerDown={look} onPointerLeave={() => setTip(null)}>
        <NoPlaces countries={countries} />
        {tip && <TipBox {...tip} />}
      </div>
    </section>
  )
}

/** What lies under the pointer: the country, and how much goes there and comes from there. */
function TipBox({ country, out, inward, left, top, end }: Tip) {
  return (
    <div class={`map-tip ${end ? 'end' : ''}`} role="status" style={{ left: `${left}px`, top: `${top}px` }}>
      <b>{countryName(country)}</b>
      {out.count >= 0.5 && <span><Icon name="up" tone="c-out" /> {say.tip(decimal(out.count, 0), mbit(out.rate))}</span>}
      {inward.count >= 0.5 && <span><Icon name="down" tone="c-in" /> {say.tip(decimal(inward.count, 0), mbit(inward.rate))}</span>}
    </div>
  )
}

/** Without a place file no point has a place: the card says how to get one. */
function NoPlaces({ countries }: { countries: Countries }) {
  now.value
  if (countries.seen < 20 || countries.placed > 0) return null
  return (
    <div class="no-places">
      <p>{say.noPlaces}</p>
      <pre tabIndex={0}>{say.noPlacesCommand}</pre>
    </div>
  )
}
