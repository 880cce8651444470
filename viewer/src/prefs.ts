/** What this browser remembers for its user: units, single keys, chosen nodes, the columns of tables. */

import { effect, signal } from '@preact/signals'
import { selection } from './data/store.ts'
import { units, type UnitSystem } from './text/numbers.ts'

function read(name: string): string | null {
  try {
    return localStorage.getItem(name)
  } catch {
    return null // storage forbidden: choices last until reload
  }
}

function write(name: string, value: string): void {
  try {
    localStorage.setItem(name, value)
  } catch {
    // see read
  }
}

function forget(name: string): void {
  try {
    localStorage.removeItem(name)
  } catch {
    // see read
  }
}

/** Single keys can get in the way of speech input and of assistive tools. */
export const singleKeys = signal(read('keys') !== 'off')

/** Several agents may live under one origin: their nodes are remembered by path. */
const chosenKey = (): string => `chosen ${location.pathname}${location.search}`

export function rememberPrefs(): void {
  units.value = read('units') === 'binary' ? 'binary' : 'decimal'
  selection.value = (read(chosenKey()) ?? '').split(' ').filter(Boolean)
  effect(() => write('units', units.value satisfies UnitSystem))
  effect(() => write('keys', singleKeys.value ? 'on' : 'off'))
  effect(() => write(chosenKey(), selection.value.join(' ')))
}

const picked = signal<Record<string, string[] | null>>({})

/** The columns of a table that somebody chose; null: nobody did. */
export function columnsOf(table: string): string[] | null {
  const kept = picked.value[table]
  return kept === undefined ? (read(`columns ${table}`)?.split(' ').filter(Boolean) ?? null) : kept
}

/** Null goes back to those that are usual. */
export function keepColumns(table: string, ids: string[] | null): void {
  picked.value = { ...picked.peek(), [table]: ids }
  if (ids) write(`columns ${table}`, ids.join(' '))
  else forget(`columns ${table}`)
}
