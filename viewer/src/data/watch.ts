/** Which nodes the open views look at; the agent follows their logs closely only while somebody does. */

import { effect, signal } from '@preact/signals'
import { ask, connection } from './agent.ts'

const wishes = signal<ReadonlyMap<symbol, string[] | 'all'>>(new Map())
const visible = signal(!document.hidden)
document.addEventListener('visibilitychange', () => (visible.value = !document.hidden))

/** Returns the way to stop watching. */
export function watch(nodes: string[] | 'all'): () => void {
  const me = Symbol('watcher')
  wishes.value = new Map([...wishes.peek(), [me, nodes]])
  return () => {
    wishes.value = new Map([...wishes.peek()].filter(([who]) => who !== me))
  }
}

function wanted(): string[] | 'all' {
  if (!visible.value) return []
  const all = [...wishes.value.values()]
  return all.includes('all') ? 'all' : [...new Set(all.flat())].sort()
}

let told = '[]'
effect(() => {
  const nodes = wanted()
  if (connection.phase.value !== 'live') {
    told = '[]' // a new connection watches nothing
    return
  }
  if (JSON.stringify(nodes) === told) return
  told = JSON.stringify(nodes)
  // an agent without live data answers an error: the live views then say that nothing has come
  ask('watch', { nodes }).catch(() => {})
})
