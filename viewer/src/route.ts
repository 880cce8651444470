/** Where we are: `#/`, `#/node/<agent>/<node>`, `#/alerts` … */

import { signal } from '@preact/signals'

export interface Route { page: string; rest: string[] }

export function parseRoute(hash: string): Route {
  const parts = hash.replace(/^#\/?/, '').split('/').filter(Boolean).map(decode)
  const [page = 'overview', ...rest] = parts
  return { page, rest }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

export const route = signal(parseRoute(location.hash))
addEventListener('hashchange', () => {
  route.value = parseRoute(location.hash)
  scrollTo(0, 0)
})

export const to = {
  overview: '#/',
  alerts: '#/alerts',
  live: '#/live',
  compare: '#/compare',
  reports: '#/reports',
  settings: '#/settings',
  node: (key: string): string => `#/node/${key.split('/').map(encodeURIComponent).join('/')}`,
  section: (key: string, section: string): string => `${to.node(key)}/${section}`,
}

export const go = (hash: string): void => {
  location.hash = hash
}
