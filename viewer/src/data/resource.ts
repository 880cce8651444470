/** Answers of the agent that are kept and read again when old: history, transfers, windows. */

import { signal, type Signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { connection } from './agent.ts'
import { RequestError } from './protocol.ts'

export interface Resource<T> { value: T | null; error: string | null; loading: boolean; at: number }

/** `stale`: something changed while the answer was on its way, which may not know of it. */
interface Slot<T> { state: Signal<Resource<T>>; running: boolean; stale?: boolean; load?: () => Promise<T> }
const slots = new Map<string, Slot<unknown>>()
const MOST = 1500

function slotOf<T>(key: string): Slot<T> {
  const known = slots.get(key) as Slot<T> | undefined
  const slot: Slot<T> = known ?? { state: signal({ value: null, error: null, loading: true, at: 0 }), running: false }
  slots.delete(key) // who was shown lately is at the end: the first to go is what nobody looks at
  slots.set(key, slot as Slot<unknown>)
  if (slots.size > MOST) slots.delete(slots.keys().next().value!)
  return slot
}

async function refresh<T>(slot: Slot<T>, load: () => Promise<T>): Promise<void> {
  slot.running = true
  const at = Date.now() // an answer is as old as its question
  try {
    slot.state.value = { value: await load(), error: null, loading: false, at }
  } catch (error) {
    // gone for a moment: what is shown stays, and the next connection asks again
    const away = error instanceof RequestError && error.code === 'away'
    const text = error instanceof Error ? error.message : String(error)
    slot.state.value = { ...slot.state.peek(), error: away ? null : text, loading: away, at: away ? 0 : at }
  } finally {
    slot.running = false
    if (slot.stale) {
      slot.stale = false
      void refresh(slot, slot.load ?? load)
    }
  }
}

/** Ask again now for every answer whose key begins so: what is shown stays until the new one is there. */
export function renew(prefix: string): void {
  for (const [key, slot] of slots) {
    if (!key.startsWith(prefix) || !slot.load) continue
    if (slot.running) slot.stale = true
    else void refresh(slot, slot.load)
  }
}

/** The answer for `key`, asked for while mounted and live, and again every `maxAge` seconds. */
export function useResource<T>(key: string, maxAge: number, load: () => Promise<T>): Resource<T> {
  const slot = slotOf<T>(key)
  const live = connection.phase.value === 'live'
  useEffect(() => {
    if (!live) return
    slot.load = load
    const look = (): void => {
      const old = Date.now() - slot.state.peek().at >= maxAge * 1000
      if (old && !slot.running && !document.hidden) void refresh(slot, load)
    }
    look()
    // a look that comes a moment too early must not double the age
    const timer = setInterval(look, Math.min(maxAge / 2, 30) * 1000)
    return () => clearInterval(timer)
  }, [slot, live, maxAge])
  return slot.state.value
}
