/** The WebSocket's messages, version 1, and the one rule about their order. */

export const PROTOCOL = 1

export type Topics = Record<string, unknown>
/** Second of event time, action, outcome, count, bytes. */
export type Bin = [second: number, action: string, outcome: string, count: number, bytes: number]
/** Milliseconds after `at`, action, outcome, bytes, and where the other side is, if known. */
export type Point = [ms: number, action: string, outcome: string, bytes: number, lat: number | null, lon: number | null, country: string | null]
export type Line = [at: number, level: string, logger: string, message: string, meaning: string | null, severity: string]

export interface Hello { t: 'hello'; v: number; server: string; agent?: string }
export interface Snapshot { t: 'snapshot'; seq: number; state: Topics }
export interface Delta { t: 'delta'; seq: number; set: Topics; del: string[] }
export interface Tick { t: 'tick'; ts: number }
export interface Live { t: 'live'; node: string; at: number; bins: Bin[]; points: Point[]; lines: Line[]; /** Downloads and uploads under way; null where the log does not tell when one begins. */ open?: [out: number, inward: number] | null; /** Where the node itself is. */ home?: [lat: number, lon: number] | null }
export interface Answer { id: number; ok: boolean; result?: unknown; error?: { code: string; text: string } }
export type Message = Hello | Snapshot | Delta | Tick | Live

/** A refused or failed request: `code` for programs, the message for people. */
export class RequestError extends Error {
  readonly code: string
  constructor(code: string, text: string) {
    super(text)
    this.code = code
  }
}

/** A frame as an object, or null when it is none of ours. */
export function parse(frame: unknown): Message | Answer | null {
  if (typeof frame !== 'string') return null
  try {
    const value: unknown = JSON.parse(frame)
    return typeof value === 'object' && value !== null && ('t' in value || 'id' in value) ? (value as Message | Answer) : null
  } catch {
    return null
  }
}

export const isAnswer = (message: Message | Answer): message is Answer => !('t' in message)

/** Follows the numbers of deltas: a snapshot begins, each delta is one more, anything else is a gap. */
export class Sequence {
  #last: number | null = null

  snapshot(seq: number): void {
    this.#last = seq
  }

  /** False when something is missing before `seq`: reconnect. */
  follows(seq: number): boolean {
    const fits = this.#last !== null && seq === this.#last + 1
    this.#last = fits ? seq : null
    return fits
  }
}

/** Seconds until the next attempt: doubling from 1 to 30, ± 30 % so that browsers do not come back in step. */
export function backOff(attempt: number, random: number): number {
  return Math.min(30, 2 ** Math.min(attempt, 5)) * (0.7 + 0.6 * random)
}
