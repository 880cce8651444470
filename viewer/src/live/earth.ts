/** The picture of the world: Equal Earth, without the far south. Used by the page and by the build, which draws the land. */

import { geoEqualEarthRaw } from 'd3-geo'

const RADIANS = Math.PI / 180
const NORTH = 83.5
const SOUTH = -56.5

const [RIGHT] = geoEqualEarthRaw(Math.PI, 0)
const [, TOP] = geoEqualEarthRaw(0, NORTH * RADIANS)
const [, BOTTOM] = geoEqualEarthRaw(0, SOUTH * RADIANS)

/** Width ÷ height. */
export const ASPECT = (2 * RIGHT) / (TOP - BOTTOM)

/** Degrees → 0…1 from the left and from the top. */
export function project(lat: number, lon: number): [x: number, y: number] {
  const [x, y] = geoEqualEarthRaw(lon * RADIANS, lat * RADIANS)
  return [(x + RIGHT) / (2 * RIGHT), (TOP - y) / (TOP - BOTTOM)]
}

/** The reverse; null outside the globe. */
export function unproject(x: number, y: number): { lat: number; lon: number } | null {
  const found = geoEqualEarthRaw.invert?.(x * 2 * RIGHT - RIGHT, TOP - y * (TOP - BOTTOM))
  if (!found || Math.abs(found[0]) > Math.PI) return null
  return { lon: found[0] / RADIANS, lat: found[1] / RADIANS }
}
