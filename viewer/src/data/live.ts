/** What happens this second: sums by second of the watched nodes, and who watches. Never stored. */

import { signal } from '@preact/signals'
import { isOut } from '../live/kinds.ts'
import type { Live } from './protocol.ts'

export const KEPT = 330 // seconds

export interface Second { out: number; in: number; outPieces: number; inPieces: number }

/** Sums by second of event time, over all watched nodes. */
export const seconds = new Map<number, Second>()
/** Whether anything has come yet; charts redraw with the clock, not with each message. */
export const isFlowing = signal(false)

const listeners = new Set<(message: Live) => void>()

/** Returns the way to stop listening. */
export function onLive(listener: (message: Live) => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

export function receiveLive(message: Live): void {
  for (const [second, action, , count, bytes] of message.bins) {
    const sum = seconds.get(second) ?? { out: 0, in: 0, outPieces: 0, inPieces: 0 }
    if (isOut(action)) {
      sum.out += bytes
      sum.outPieces += count
    } else {
      sum.in += bytes
      sum.inPieces += count
    }
    seconds.set(second, sum)
  }
  forget()
  isFlowing.value = true
  for (const listener of listeners) listener(message)
}

function forget(): void {
  if (seconds.size <= KEPT) return
  const oldest = Math.max(...seconds.keys()) - KEPT
  for (const second of seconds.keys()) if (second < oldest) seconds.delete(second)
}
