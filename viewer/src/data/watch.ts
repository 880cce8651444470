/** Which nodes the open views look at; the agent follows their logs closely only while somebody does. */

import { effect, signal } from '@preact/signals'
import { ask, connection } from './agent.ts'
import { watching } from './live.ts'
import { now } from './store.ts'

const wishes = signal<ReadonlyMap<symbol, string[]>>(new Map())
const visible = signal(!document.hidden)
document.addEventListener('visibilitychange', () => (visible.value = !document.hidden))

/** Returns the way to stop watching. */
export function watch(nodes: string[]): () => void {
  const me = Symbol('watcher')
  wishes.value = new Map([...wishes.peek(), [me, nodes]])
  return () => {
    wishes.value = new Map([...wishes.peek()].filter(([who]) => who !== me))
  }
}

const wanted = (): string[] => (visible.value ? [...new Set([...wishes.value.values()].flat())].sort() : [])

/** By the agent's clock. What was under way on a connection that died unnoticed never came. */
const heardAt = (): number => now.peek() - Math.max(0, Date.now() - (connection.heardAt.peek() ?? 0)) / 1000

let told: string[] = []
effect(() => {
  const nodes = wanted()
  if (connection.phase.value !== 'live') {
    if (told.length) watching([], heardAt())
    told = [] // a new connection watches nothing
    return
  }
  if (nodes.join() === told.join()) return
  watching(told.filter(name => nodes.includes(name)), now.peek())
  told = nodes
  void begin(nodes)
})

async function begin(nodes: string[]): Promise<void> {
  try {
    await ask('watch', { nodes })
    if (told === nodes) watching(nodes, now.peek())
  } catch {
    // an agent without live data: the live views then say that nothing has come
  }
}
