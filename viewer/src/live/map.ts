/** The world on three canvases: land once, glow once a second, pulses while there are any. */

import { across, rows } from 'virtual:land'
import type { Live } from '../data/protocol.ts'
import { ASPECT, project } from './earth.ts'
import { KINDS, kindOf, type Kind } from './kinds.ts'
import { Places, type Found, type Place } from './places.ts'

export type Weight = 'bytes' | 'count'
export type KindFilter = 'all' | Kind

interface Pulse { place: Place; kind: Kind; begins: number; home: string }
interface Spot { x: number; y: number }

const LIFE = 1100 // ms of one pulse
const FRAME = 80 // ms: a dozen pictures a second are enough for rings, and each costs a copy of the canvas
const PULSES = 600
const LARGEST = 0.03 // of the width: the radius of the brightest glow
const AGES = 4 // pulses are drawn by age in so many strokes
const ARCS = 40 // of the strongest places; more are a thicket
const DASH = 0.07 // of an arc: what flies along it

export class WorldMap {
  readonly #host: HTMLElement
  readonly #layers: CanvasRenderingContext2D[]
  readonly #places = new Places()
  readonly #still = matchMedia('(prefers-reduced-motion: reduce)')
  readonly #resized = new ResizeObserver(() => this.#draw())
  #pulses: Pulse[] = []
  /** By node, as far as its place is known. */
  readonly #homes = new Map<string, Spot>()
  #colours: Record<string, string> = {}
  #width = 0
  #height = 0
  #timers: ReturnType<typeof setInterval>[] = []
  weight: Weight = 'bytes'
  filter: KindFilter = 'all'

  constructor(host: HTMLElement) {
    this.#host = host
    this.#layers = [0, 1, 2].map(() => document.createElement('canvas').getContext('2d')!)
  }

  start(): void {
    this.#host.prepend(...this.#layers.map(layer => layer.canvas))
    this.#resized.observe(this.#host)
    this.#timers = [setInterval(() => this.#glow(), 1000), setInterval(() => this.#pulse(), FRAME)]
  }

  stop(): void {
    this.#resized.disconnect()
    this.#timers.forEach(clearInterval)
    for (const layer of this.#layers) layer.canvas.remove()
  }

  /** After a change of colours, weight or filter. */
  redraw(): void {
    this.#draw()
  }

  add(message: Live): void {
    const now = performance.now()
    if (message.home) {
      const [x, y] = project(...message.home)
      this.#homes.set(message.node, { x, y })
    }
    for (const point of message.points) {
      const place = this.#places.add(point, now / 1000)
      // points come in bundles: each begins as late after its bundle as it was read
      if (place && this.#pulses.length < PULSES) this.#pulses.push({ place, kind: kindOf(point[1]), begins: now + Math.min(1000, point[0]), home: message.node })
    }
  }

  /** What lies under a point of the page. */
  at(clientX: number, clientY: number): Found | null {
    const box = this.#host.getBoundingClientRect()
    const x = (clientX - box.left) / box.width
    const y = (clientY - box.top) / box.height
    return this.#places.near(x, y, Math.max(0.012, 14 / box.width), ASPECT, performance.now() / 1000)
  }

  #draw(): void {
    const ratio = Math.min(2, devicePixelRatio)
    this.#width = this.#host.clientWidth
    this.#height = this.#host.clientHeight
    for (const layer of this.#layers) {
      layer.canvas.width = this.#width * ratio
      layer.canvas.height = this.#height * ratio
      layer.scale(ratio, ratio)
    }
    this.#colours = colours(this.#host)
    this.#land()
    this.#glow()
  }

  #land(): void {
    const layer = this.#layers[0]!
    const cell = this.#width / across
    const radius = cell * 0.34
    layer.fillStyle = this.#colours['land'] ?? ''
    layer.beginPath()
    rows.forEach((row, y) => {
      for (let at = 0; at < row.length; at += 2) {
        for (let x = row[at]!; x < row[at]! + row[at + 1]!; x++) {
          const centre = (x + 0.5) * cell
          layer.moveTo(centre + radius, (y + 0.5) * (this.#height / rows.length))
          layer.arc(centre, (y + 0.5) * (this.#height / rows.length), radius, 0, 7)
        }
      }
    })
    layer.fill()
  }

  #shows = ({ kind }: { kind: Kind }): boolean => this.filter === 'all' || this.filter === kind

  /** Area by bytes or count, against the brightest. */
  #glow(): void {
    if (document.hidden) return
    const layer = this.#layers[1]!
    layer.clearRect(0, 0, this.#width, this.#height)
    const shown = this.#places.shown(performance.now() / 1000).filter(this.#shows)
    const most = Math.max(1, ...shown.map(place => place[this.weight]))
    layer.globalAlpha = 0.3
    for (const place of shown) {
      const radius = Math.max(1.5, Math.sqrt(place[this.weight] / most) * LARGEST * this.#width)
      layer.fillStyle = this.#colours[place.kind] ?? ''
      layer.beginPath()
      layer.arc(place.x * this.#width, place.y * this.#height, radius, 0, 7)
      layer.fill()
    }
    layer.globalAlpha = 0.55
    this.#arcs(layer, shown)
    layer.globalAlpha = 1
    layer.fillStyle = this.#colours['home'] ?? ''
    for (const { x, y } of this.#homes.values()) {
      layer.beginPath()
      layer.arc(x * this.#width, y * this.#height, 4, 0, 7)
      layer.fill()
    }
  }

  /** From home to the strongest places, in the kind's colour and line. */
  #arcs(layer: CanvasRenderingContext2D, shown: Place[]): void {
    const home = [...this.#homes.values()][0]
    if (!home) return
    const strongest = [...shown].sort((a, b) => b[this.weight] - a[this.weight]).slice(0, ARCS)
    layer.lineWidth = 1.2
    for (const row of KINDS) {
      layer.strokeStyle = this.#colours[row.kind] ?? ''
      layer.setLineDash(row.dash)
      layer.beginPath()
      for (const place of strongest) if (place.kind === row.kind) this.#arc(layer, home, place)
      layer.stroke()
    }
    layer.setLineDash([])
  }

  #arc(layer: CanvasRenderingContext2D, home: Spot, place: Spot): void {
    const over = above(home, place)
    layer.moveTo(home.x * this.#width, home.y * this.#height)
    layer.quadraticCurveTo(over.x * this.#width, over.y * this.#height, place.x * this.#width, place.y * this.#height)
  }

  #pulse(): void {
    if (document.hidden || (this.#pulses.length === 0 && !this.#drawn)) return
    const now = performance.now()
    this.#pulses = this.#pulses.filter(pulse => now - pulse.begins < LIFE)
    const layer = this.#layers[2]!
    layer.clearRect(0, 0, this.#width, this.#height)
    this.#drawn = this.#pulses.length > 0
    for (const row of KINDS) {
      if (!this.#shows(row)) continue
      const mine = this.#pulses.filter(pulse => pulse.kind === row.kind && pulse.begins <= now)
      layer.strokeStyle = this.#colours[row.kind] ?? ''
      layer.setLineDash(row.dash)
      for (let age = 0; age < AGES; age++) this.#rings(layer, mine, age, now)
      if (!this.#still.matches) this.#dashes(layer, mine, now)
    }
    layer.globalAlpha = 1
  }
  #drawn = false

  /** What flies along the arcs: out from home, in towards it; all of a kind in one stroke. */
  #dashes(layer: CanvasRenderingContext2D, pulses: Pulse[], now: number): void {
    layer.globalAlpha = 1
    layer.lineWidth = 2.2
    layer.setLineDash([])
    layer.beginPath()
    for (const { place, kind, begins, home } of pulses) {
      const from = this.#homes.get(home)
      if (!from) continue
      const share = ((now - begins) / LIFE) * (1 - DASH)
      const over = above(from, place)
      for (const [index, at] of [share, share + DASH].entries()) {
        const { x, y } = along(from, over, place, kind === 'in' ? 1 - at : at)
        layer[index ? 'lineTo' : 'moveTo'](x * this.#width, y * this.#height)
      }
    }
    layer.stroke()
  }

  /** All rings of one age in one stroke: out grows, in shrinks; still ones only fade. */
  #rings(layer: CanvasRenderingContext2D, pulses: Pulse[], age: number, now: number): void {
    layer.globalAlpha = 1 - age / AGES
    layer.lineWidth = 1.6
    layer.beginPath()
    for (const { place, kind, begins } of pulses) {
      const share = (now - begins) / LIFE
      if (Math.floor(share * AGES) !== age) continue
      const radius = this.#still.matches ? 4 : 2 + 9 * (kind === 'in' ? 1 - share : share)
      layer.moveTo(place.x * this.#width + radius, place.y * this.#height)
      layer.arc(place.x * this.#width, place.y * this.#height, radius, 0, 7)
    }
    layer.stroke()
  }
}

/** What an arc bends towards: north of its middle, the further the longer it is. */
const above = (a: Spot, b: Spot): Spot => ({ x: (a.x + b.x) / 2, y: Math.max(0.02, (a.y + b.y) / 2 - 0.45 * Math.hypot(a.x - b.x, (a.y - b.y) / ASPECT)) })

const along = (a: Spot, over: Spot, b: Spot, at: number): Spot => {
  const mix = (from: number, mid: number, to: number): number => (1 - at) ** 2 * from + 2 * at * (1 - at) * mid + at ** 2 * to
  return { x: mix(a.x, over.x, b.x), y: mix(a.y, over.y, b.y) }
}

/** The tokens as they are now, by kind, and the land's and home's. */
function colours(host: HTMLElement): Record<string, string> {
  const probe = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  host.append(probe)
  const stroke = (name: string): string => {
    probe.setAttribute('class', `probe ${name}`)
    return getComputedStyle(probe).stroke
  }
  const found = Object.fromEntries([...KINDS.map(({ kind, token }) => [kind, stroke(token)]), ['land', stroke('land')], ['home', stroke('k-home')]])
  probe.remove()
  return found
}
