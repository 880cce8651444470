/** What happens this second: sums by node and second of the watched nodes. Never stored. */

import { signal } from '@preact/signals'
import { isOut } from '../live/kinds.ts'
import type { Live } from './protocol.ts'

export const KEPT = 330 // seconds

/**
 * Messages come only when something happens, so that silence is zero while a node is watched, and not known before,
 * after, and while the connection was away: whole seconds from `from` up to and without `to`.
 */
interface Span { from: number; to: number }
const spans = new Map<string, Span[]>()

/** From `at` (epoch seconds) on these nodes are watched and no others; those that were before go on. */
export function watching(names: string[], at: number): void {
  for (const [name, known] of spans) {
    const last = known.at(-1)!
    if (last.to === Infinity && !names.includes(name)) last.to = Math.floor(at)
  }
  for (const name of names) {
    const known = (spans.get(name) ?? []).filter(span => span.to > at - KEPT)
    if (known.at(-1)?.to !== Infinity) known.push({ from: Math.ceil(at), to: Infinity })
    spans.set(name, known)
  }
}

const spanOf = (name: string, second: number): Span | undefined => spans.get(name)?.find(({ from, to }) => second >= from && second < to)

/** `open`: transfers under way out and in, as far as the log tells when one begins. */
export interface Second { out: number; in: number; outPieces: number; inPieces: number; open: [out: number, inward: number] | null }

const NOTHING: Second = { out: 0, in: 0, outPieces: 0, inPieces: 0, open: null }
/** By node, then by second of event time. */
const nodes = new Map<string, Map<number, Second>>()
/** Whether anything has come yet; charts redraw with the clock, not with each message. */
export const isFlowing = signal(false)

const listeners = new Set<(message: Live) => void>()

/** Returns the way to stop listening. */
export function onLive(listener: (message: Live) => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

export function receiveLive(message: Live): void {
  let seconds = nodes.get(message.node)
  if (!seconds) nodes.set(message.node, (seconds = new Map()))
  for (const [second, action, , count, bytes] of message.bins) {
    const sum = secondOf(seconds, second)
    if (isOut(action)) {
      sum.out += bytes
      sum.outPieces += count
    } else {
      sum.in += bytes
      sum.inPieces += count
    }
  }
  if (message.open) secondOf(seconds, Math.floor(message.at / 1000)).open = message.open
  forget(seconds)
  isFlowing.value = true
  for (const listener of listeners) listener(message)
}

function secondOf(seconds: Map<number, Second>, at: number): Second {
  let second = seconds.get(at)
  if (!second) seconds.set(at, (second = { ...NOTHING }))
  return second
}

function forget(seconds: Map<number, Second>): void {
  if (seconds.size <= KEPT) return
  const oldest = Math.max(...seconds.keys()) - KEPT
  for (const second of seconds.keys()) if (second < oldest) seconds.delete(second)
}

/** The `span` seconds that end with `end`, summed over some nodes; null where one of them was not watched. */
export function lastSeconds(names: string[], span: number, end: number): (Second | null)[] {
  const sums: (Second | null)[] = Array.from({ length: span }, () => ({ ...NOTHING }))
  for (const name of names) addTo(sums, name, end - span + 1)
  return sums
}

/** What is under way holds until it changes, or until nobody watched. */
function addTo(sums: (Second | null)[], name: string, first: number): void {
  const seconds = nodes.get(name)
  let open = openBefore(name, first)
  sums.forEach((sum, index) => {
    const second = seconds?.get(first + index)
    if (!second && !spanOf(name, first + index)) {
      open = null
      sums[index] = null
      return
    }
    open = second?.open ?? open
    if (!sum) return
    if (open) sum.open = [(sum.open?.[0] ?? 0) + open[0], (sum.open?.[1] ?? 0) + open[1]]
    if (!second) return
    sum.out += second.out
    sum.in += second.in
    sum.outPieces += second.outPieces
    sum.inPieces += second.inPieces
  })
}

function openBefore(name: string, first: number): Second['open'] {
  const from = spanOf(name, first)?.from
  if (from === undefined) return null
  const told = [...(nodes.get(name) ?? [])].filter(([at, second]) => at >= from && at < first && second.open)
  return told.sort(([a], [b]) => b - a)[0]?.[1].open ?? null
}
