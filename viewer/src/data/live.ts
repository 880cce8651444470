/** What happens this second: sums by node and second of the watched nodes. Never stored. */

import { signal } from '@preact/signals'
import { isOut } from '../live/kinds.ts'
import type { Live } from './protocol.ts'

export const KEPT = 330 // seconds

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

/** The `span` seconds that end with `end`, summed over some nodes; what is under way holds until it changes. */
export function lastSeconds(names: string[], span: number, end: number): Second[] {
  const sums = Array.from({ length: span }, () => ({ ...NOTHING }))
  for (const name of names) {
    const seconds = nodes.get(name)
    if (seconds) addTo(sums, seconds, end - span + 1)
  }
  return sums
}

function addTo(sums: Second[], seconds: Map<number, Second>, first: number): void {
  const before = [...seconds].filter(([at, second]) => at < first && second.open).sort(([a], [b]) => b - a)[0]
  let open = before ? before[1].open : null
  sums.forEach((sum, index) => {
    const second = seconds.get(first + index)
    open = second?.open ?? open
    if (open) sum.open = [(sum.open?.[0] ?? 0) + open[0], (sum.open?.[1] ?? 0) + open[1]]
    if (!second) return
    sum.out += second.out
    sum.in += second.in
    sum.outPieces += second.outPieces
    sum.inPieces += second.inPieces
  })
}
