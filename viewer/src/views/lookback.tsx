/** Beside the open alerts: what those of imported logs would have been, node by node. */

import { agentArgs } from '../data/actions.ts'
import { ask, connection } from '../data/agent.ts'
import type { Node } from '../data/model.ts'
import { useResource } from '../data/resource.ts'
import { chosen } from '../data/store.ts'
import { to } from '../route.ts'
import { desk } from '../text/desk.ts'
import type { Hindsight } from './past.tsx'

const say = desk.past
const MOST = 30 // questions to the agent; who has more nodes than that finds it on their pages

interface Found { node: Node; text: string; total: number }

async function read(list: Node[]): Promise<Found[]> {
  const all = await Promise.allSettled(list.map(node => ask<Hindsight | null>('hindsight', { node: node.name, ...agentArgs(node.agent) })))
  return all.flatMap((one, at) => (one.status === 'fulfilled' && one.value ? [{ node: list[at]!, ...one.value }] : []))
}

/** Left out while no log was imported. */
export function LookbackCard() {
  const mine = chosen.value.filter(({ agent }) => !connection.agent.value || agent === connection.agent.value).slice(0, MOST)
  const { value } = useResource(`hindsights ${mine.map(({ key }) => key).join(' ')}`, 300, () => read(mine))
  if (!value?.length) return null
  return (
    <section class="card">
      <header class="hd0"><h2>{say.head}</h2></header>
      {value.map(({ node, text, total }) => (
        <p key={node.key} class="m gap3">{say.on(node.name)} {text} {total > 0 && <a href={to.node(node.key)}>{say.see}</a>}</p>
      ))}
    </section>
  )
}
