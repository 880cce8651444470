/** The drawing of a chart by uPlot; loaded only when a chart is looked at. */

import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { Mark } from '../data/series.ts'

export interface Line {
  /** Class whose computed `stroke` and `fill` are the colours: tokens stay in the style sheet. */
  tone: string
  values: (number | null)[]
  /** The area between the line and 0 is filled. */
  area: boolean
}

export interface Drawing {
  t: number[]
  lines: Line[]
  from: number
  to: number
  /** The vertical range and the values that get a grid line with its label. */
  low: number
  high: number
  grid: { at: number; label: string }[]
  times: Mark[]
  /** Index of the bin under the pointer. */
  point(index: number | null): void
}

export interface Plot {
  update(drawing: Drawing): void
  /** Move the pointer by so many bins. */
  step(by: number): void
  destroy(): void
}

export function plot(host: HTMLElement, first: Drawing): Plot {
  let drawing = first
  let chart = make()
  const resized = new ResizeObserver(() => chart.setSize(sizeOf(host)))
  resized.observe(host)

  function make(): uPlot {
    return new uPlot(options(host, () => drawing), dataOf(drawing), host)
  }

  return {
    update(next) {
      // colours belong to a line for as long as it lives
      const same = next.lines.length === drawing.lines.length && next.lines.every(({ tone }, index) => tone === drawing.lines[index]!.tone)
      drawing = next
      if (same) chart.setData(dataOf(next))
      else {
        chart.destroy()
        chart = make()
      }
    },
    step(by) {
      const last = drawing.t.length - 1
      const index = Math.max(0, Math.min(last, (chart.cursor.idx ?? (by > 0 ? -1 : last + 1)) + by))
      chart.setCursor({ left: chart.valToPos(drawing.t[index] ?? 0, 'x'), top: 0 })
    },
    destroy() {
      resized.disconnect()
      chart.destroy()
    },
  }
}

const sizeOf = (host: HTMLElement): { width: number; height: number } => ({ width: Math.max(1, host.clientWidth), height: Math.max(1, host.clientHeight) })
const dataOf = (drawing: Drawing): uPlot.AlignedData => [drawing.t, ...drawing.lines.map(line => line.values)]

/** The colours that a class has now, in this theme. */
function colours(host: HTMLElement, tone: string): { stroke: string; fill: string } {
  const probe = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  probe.setAttribute('class', `${tone} probe`)
  host.append(probe)
  const { stroke, fill } = getComputedStyle(probe)
  probe.remove()
  return { stroke, fill }
}

function options(host: HTMLElement, now: () => Drawing): uPlot.Options {
  const text = getComputedStyle(host)
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize)
  const font = `${0.75 * rem}px ${text.fontFamily}`
  const grid = colours(host, 'gl').stroke
  const zero = colours(host, 'gz').stroke
  const card = colours(host, 'ground').fill
  return {
    ...sizeOf(host),
    padding: [rem * 1.1, 0, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: {
      x: { time: false, range: () => [now().from, now().to] },
      y: { range: () => [now().low, now().high] },
    },
    axes: [
      {
        font, stroke: text.color, size: 1.6 * rem, gap: 4, ticks: { show: false }, grid: { show: false },
        splits: () => now().times.map(mark => mark.at),
        values: () => now().times.map(mark => mark.label),
      },
      { size: 0, ticks: { show: false }, values: () => [], splits: () => now().grid.map(line => line.at), grid: { stroke: grid, width: 1 } },
    ],
    series: [{}, ...now().lines.map(line => seriesOf(host, line))],
    hooks: {
      drawAxes: [chart => zeroLine(chart, zero)],
      draw: [chart => labels(chart, now(), { font, ink: text.color, card })],
      setCursor: [chart => now().point(chart.cursor.idx ?? null)],
    },
  }
}

function seriesOf(host: HTMLElement, line: Line): uPlot.Series {
  const { stroke, fill } = colours(host, line.tone)
  return {
    stroke,
    width: 1.5,
    points: { show: (chart, index, first, last) => alone(chart, index, first, last) },
    ...(line.area ? { fill, fillTo: () => 0 } : {}),
  }
}

/** A single bin between two gaps has no line: it gets a point. */
function alone(chart: uPlot, index: number, first: number, last: number): boolean {
  const values = chart.data[index] ?? []
  let known = 0
  for (let at = first; at <= last && known < 3; at++) if (values[at] != null) known++
  return known > 0 && known < 3
}

function zeroLine(chart: uPlot, colour: string): void {
  const { ctx, bbox } = chart
  const y = Math.round(chart.valToPos(0, 'y', true)) + 0.5
  if (y < bbox.top || y > bbox.top + bbox.height) return
  ctx.save()
  ctx.strokeStyle = colour
  ctx.lineWidth = uPlot.pxRatio
  ctx.beginPath()
  ctx.moveTo(bbox.left, y)
  ctx.lineTo(bbox.left + bbox.width, y)
  ctx.stroke()
  ctx.restore()
}

/** Labels stand on their grid lines, inside the plot, with a rim in the colour of the card. */
function labels(chart: uPlot, drawing: Drawing, look: { font: string; ink: string; card: string }): void {
  const { ctx, bbox } = chart
  ctx.save()
  ctx.font = look.font.replace(/^[\d.]+/, size => String(parseFloat(size) * uPlot.pxRatio))
  ctx.textAlign = 'left'
  ctx.textBaseline = 'bottom'
  ctx.lineJoin = 'round'
  ctx.lineWidth = 3 * uPlot.pxRatio
  ctx.strokeStyle = look.card
  ctx.fillStyle = look.ink
  for (const { at, label } of drawing.grid) {
    const y = chart.valToPos(at, 'y', true) - 3 * uPlot.pxRatio
    ctx.strokeText(label, bbox.left, y)
    ctx.fillText(label, bbox.left, y)
  }
  ctx.restore()
}
