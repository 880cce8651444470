/** What an import would change, as it is read before it is done. Pure. */

import { amount, type Limit } from './settings.ts'
import { desk } from '../text/desk.ts'

/** Of a route `old` (null: it is new) and `new` are its fields that differ, its address as scheme and host. */
export interface Change { node: string | null; key: string; old: unknown; new: unknown }
/** `was` is null for what is new. */
export interface ChangeRow { key: string; what: string; was: string | null; becomes: string }

const say = desk.carry
const ROUTE = 'route.'
const NOTIFY = 'notify.'

const plain = (value: unknown): string =>
  value === null || value === undefined || value === '' ? say.nothing : typeof value === 'boolean' ? (value ? say.yes : say.no) : String(value)

const listed = (field: string, value: unknown): string =>
  Array.isArray(value) ? (value.length ? value.join(', ') : field === 'nodes' ? desk.routes.allNodes : say.nothing) : plain(value)

/** One row a threshold, one a field of a route that is there, one for a route that is new. */
export function changeRows(changes: Change[], limits: readonly Limit[]): ChangeRow[] {
  const units = new Map(limits.map(({ key, unit }) => [key, unit]))
  return changes.flatMap(change => (change.key.startsWith(ROUTE) ? routeRows(change) : [settingRow(change, units)]))
}

function settingRow({ node, key, old, new: next }: Change, units: ReadonlyMap<string, string>): ChangeRow {
  const shown = (value: unknown): string => (typeof value === 'number' ? amount(value, units.get(key) ?? '') : plain(value))
  const name = key.startsWith(NOTIFY) ? (say.notify[key.slice(NOTIFY.length)] ?? key) : key
  const what = key.startsWith(NOTIFY) ? name : say.of(name, node ?? desk.thresholds.everyNode)
  return { key: `${node ?? ''} ${key}`, what, was: shown(old), becomes: old === next ? say.stays(shown(next)) : shown(next) }
}

function routeRows({ key, old, new: next }: Change): ChangeRow[] {
  const name = key.slice(ROUTE.length)
  const fields = Object.entries((next ?? {}) as Record<string, unknown>)
  if (old === null) return [{ key, what: say.route(name), was: null, becomes: fields.map(([field, value]) => `${say.fields[field] ?? field}: ${listed(field, value)}`).join(' · ') }]
  const before = old as Record<string, unknown>
  return fields.map(([field, value]) => {
    const [was, becomes] = [listed(field, before[field]), listed(field, value)]
    return { key: `${key} ${field}`, what: say.routeField(name, say.fields[field] ?? field), was, becomes: was === becomes ? say.another(becomes) : becomes }
  })
}
