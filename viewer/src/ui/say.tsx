/** The first line of every page: is everything fine? Changed at most every ten seconds, for those who listen. */

import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { connection, trueAt } from '../data/agent.ts'
import { now } from '../data/store.ts'
import type { Sentence } from '../data/status.ts'
import { ago, clock, headline, utcTurn } from '../text/times.ts'
import { words } from '../text/words.ts'
import { ToneIcon } from './parts.tsx'

const HOLD = 10_000

/** The latest value, handed on at most every `HOLD` ms; the first change at once. */
function useHeld<T>(value: T): T {
  const [held, setHeld] = useState(value)
  const at = useRef(0)
  useEffect(() => {
    if (JSON.stringify(value) === JSON.stringify(held)) return
    const timer = setTimeout(() => {
      at.current = Date.now()
      setHeld(value)
    }, Math.max(0, at.current + HOLD - Date.now()))
    return () => clearTimeout(timer)
  }, [JSON.stringify(value), JSON.stringify(held)])
  return held
}

export function Say({ sentence, aside }: { sentence: Sentence; aside?: ComponentChildren }) {
  const live = connection.phase.value === 'live'
  const { tone, head, below } = useHeld(sentence)
  return (
    <section class="say">
      <ToneIcon tone={tone} />
      <h1 aria-live="polite">{live ? head : words.say.lastKnown(head)}</h1>
      {below && <p>{below}</p>}
      <div class="when">{aside ?? <When />}</div>
    </section>
  )
}

function When() {
  const at = trueAt()
  if (connection.phase.value !== 'live' && at) return <>{words.connection.trueAt(clock(at), ago(at, now.value))}</>
  return (
    <>
      {headline(now.value)}
      <br />
      <span class="hide-m">{words.utcTurn(utcTurn(now.value))}</span>
    </>
  )
}
