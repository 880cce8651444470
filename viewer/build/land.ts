import { createRequire } from 'node:module'
import { feature } from 'topojson-client'
import type { MultiPolygon, Position } from 'geojson'
import type { GeometryObject, Topology } from 'topojson-specification'
import type { Plugin } from 'vite'
import { ASPECT, unproject } from '../src/live/earth.ts'

const NAME = 'virtual:land'
const ACROSS = 208

type Ring = { points: Position[]; west: number; east: number; south: number; north: number }

/** Draws the land as rows of dots when the bundle is built: `[start, length, …]` a row, from the `world-atlas` package. */
export function land(): Plugin {
  return {
    name: 'land',
    resolveId: id => (id === NAME ? `\0${NAME}` : null),
    load: id => (id === `\0${NAME}` ? `export const across = ${ACROSS}; export const rows = ${JSON.stringify(rows(rings()))}` : null),
  }
}

function rings(): Ring[] {
  const atlas = createRequire(import.meta.url)('world-atlas/land-110m.json') as Topology
  const shape = feature(atlas, atlas.objects['land'] as GeometryObject)
  const all = shape.type === 'FeatureCollection' ? shape.features : [shape]
  return all.flatMap(({ geometry }) => (geometry as MultiPolygon).coordinates.flat()).map(boxed)
}

function boxed(points: Position[]): Ring {
  const lon = points.map(point => point[0]!)
  const lat = points.map(point => point[1]!)
  return { points, west: Math.min(...lon), east: Math.max(...lon), south: Math.min(...lat), north: Math.max(...lat) }
}

function rows(outlines: Ring[]): number[][] {
  const down = Math.round(ACROSS / ASPECT)
  return Array.from({ length: down }, (_, y) => {
    const dry = Array.from({ length: ACROSS }, (_, x) => {
      const place = unproject((x + 0.5) / ACROSS, (y + 0.5) / down)
      return place !== null && isLand(outlines, place.lon, place.lat)
    })
    return runs(dry)
  })
}

function runs(row: boolean[]): number[] {
  const found: number[] = []
  row.forEach((dry, x) => {
    if (!dry) return
    if (x > 0 && row[x - 1]) found[found.length - 1]!++
    else found.push(x, 1)
  })
  return found
}

/** Even-odd over all rings: lakes are rings inside rings. */
function isLand(outlines: Ring[], lon: number, lat: number): boolean {
  let inside = false
  for (const { points, west, east, south, north } of outlines) {
    if (lon < west || lon > east || lat < south || lat > north) continue
    for (let at = 0, before = points.length - 1; at < points.length; before = at++) {
      const [x1, y1] = points[at] as [number, number]
      const [x2, y2] = points[before] as [number, number]
      if (y1 > lat !== y2 > lat && lon < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1) inside = !inside
    }
  }
  return inside
}
