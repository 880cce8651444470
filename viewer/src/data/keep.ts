/** The last snapshot, kept in IndexedDB (which plain http has too), to be shown greyed while the agent is away. */

import type { Topics } from './protocol.ts'

export interface Kept { at: number; state: Topics }

const STORE = 'last'
// One page may show several agents: under several paths, or named in the address.
const key = (): string => location.pathname + location.search

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open('storj-monitor', 1)
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE)
    asked.onsuccess = () => resolve(asked.result)
    asked.onerror = () => reject(asked.error)
  })
}

/** Null where nothing is kept or the browser allows no storage (private windows). */
export async function recall(): Promise<Kept | null> {
  try {
    const base = await open()
    const asked = base.transaction(STORE).objectStore(STORE).get(key())
    return await new Promise((resolve, reject) => {
      asked.onsuccess = () => resolve((asked.result as Kept | undefined) ?? null)
      asked.onerror = () => reject(asked.error)
    })
  } catch {
    return null // no storage: the page merely starts empty
  }
}

export async function keep(kept: Kept): Promise<void> {
  try {
    const base = await open()
    base.transaction(STORE, 'readwrite').objectStore(STORE).put(kept, key())
    base.close()
  } catch {
    // no storage: see recall
  }
}
