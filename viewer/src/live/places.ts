/** Where pieces went lately: sums by place that fade, and sums by country over five minutes. Pure but for its own memory. */

import type { Point } from '../data/protocol.ts'
import { isOut, kindOf, type Kind } from './kinds.ts'
import { project } from './earth.ts'

export interface Place {
  x: number
  y: number
  country: string | null
  kind: Kind
  /** Faded sums: what happened half a minute ago counts half. */
  count: number
  bytes: number
  at: number
}

const HALF = 30 // seconds
const GONE = 0.02 // pieces
const MOST = 2000
/** A steady flow of one a second fades to a sum of `1 / PER_SECOND`. */
const PER_SECOND = Math.LN2 / HALF

/** Pieces a minute, bytes a second. */
export interface Flow { count: number; rate: number }
/** Out is everything that is read here: downloads, repair, audits. */
export interface Found { country: string | null; out: Flow; inward: Flow }

/** Faded sums by place and direction. */
export class Places {
  readonly #places = new Map<string, Place>()

  /** `now` in seconds. */
  add([, action, , bytes, lat, lon, country]: Point, now: number): Place | null {
    if (lat === null || lon === null) return null
    const kind = kindOf(action)
    const key = `${lat} ${lon} ${kind}`
    const place = this.#places.get(key) ?? this.#make(key, lat, lon, country, kind, now)
    fade(place, now)
    place.count++
    place.bytes += bytes
    return place
  }

  #make(key: string, lat: number, lon: number, country: string | null, kind: Kind, now: number): Place {
    const [x, y] = project(lat, lon)
    const place: Place = { x, y, country, kind, count: 0, bytes: 0, at: now }
    if (this.#places.size >= MOST) this.#places.delete(this.#places.keys().next().value!)
    this.#places.set(key, place)
    return place
  }

  /** All that is left of the last minutes. */
  shown(now: number): Place[] {
    for (const [key, place] of this.#places) {
      fade(place, now)
      if (place.count < GONE) this.#places.delete(key)
    }
    return [...this.#places.values()]
  }

  /** What lies within `reach` (shares of the width) of a point of the picture, summed. */
  near(x: number, y: number, reach: number, aspect: number, now: number): Found | null {
    const close = this.shown(now).filter(place => Math.hypot(place.x - x, (place.y - y) / aspect) <= reach)
    if (close.length === 0) return null
    const nearest = close.reduce((a, b) => (b.count > a.count ? b : a))
    const same = close.filter(place => place.country === nearest.country)
    const flow = (inward: boolean): Flow => {
      const mine = same.filter(place => (place.kind === 'in') === inward)
      return {
        count: mine.reduce((sum, place) => sum + place.count, 0) * PER_SECOND * 60,
        rate: mine.reduce((sum, place) => sum + place.bytes, 0) * PER_SECOND,
      }
    }
    return { country: nearest.country, out: flow(false), inward: flow(true) }
  }
}

function fade(place: Place, now: number): void {
  const factor = 0.5 ** (Math.max(0, now - place.at) / HALF)
  place.count *= factor
  place.bytes *= factor
  place.at = now
}

export interface Country { code: string | null; out: number; in: number; count: number }

const SLICE = 10 // seconds
const SLICES = 30

/** Bytes and pieces by country over five minutes, in slices of ten seconds. */
export class Countries {
  readonly #slices = new Map<number, Map<string, Country>>()
  /** Points seen at all, and those with a place. */
  seen = 0
  placed = 0

  add([, action, , bytes, , , code]: Point, now: number): void {
    this.seen++
    if (code !== null) this.placed++
    const slice = this.#slice(Math.floor(now / SLICE))
    const country = slice.get(code ?? '') ?? { code, out: 0, in: 0, count: 0 }
    slice.set(code ?? '', country)
    country.count++
    if (isOut(action)) country.out += bytes
    else country.in += bytes
  }

  #slice(index: number): Map<string, Country> {
    let slice = this.#slices.get(index)
    if (!slice) {
      this.#slices.set(index, (slice = new Map()))
      for (const old of this.#slices.keys()) if (old <= index - SLICES) this.#slices.delete(old)
    }
    return slice
  }

  /** The most bytes first. */
  list(now: number): Country[] {
    const sums = new Map<string, Country>()
    for (const [index, slice] of this.#slices) {
      if (index <= Math.floor(now / SLICE) - SLICES) continue
      for (const [key, { code, out, in: inward, count }] of slice) {
        const sum = sums.get(key) ?? { code, out: 0, in: 0, count: 0 }
        sums.set(key, { code, out: sum.out + out, in: sum.in + inward, count: sum.count + count })
      }
    }
    return [...sums.values()].sort((a, b) => b.out + b.in - (a.out + a.in))
  }
}
