/** Every node that the agent has ever had, watched or not. */

import type { SeenNode } from '../data/settings.ts'
import { DASH } from '../text/numbers.ts'
import { exact, fullDay } from '../text/times.ts'
import { desk } from '../text/desk.ts'
import { Scroll } from '../ui/parts.tsx'

const say = desk.nodes

export function NodesCard({ seen }: { seen: SeenNode[] }) {
  return (
    <section class="card w12" id="set-nodes">
      <header class="hd0"><h2>{say.head}</h2><span class="s faint">{say.below}</span></header>
      {seen.length === 0 ? <p class="m soft">{say.none}</p> : (
        <Scroll label={say.head}>
          <table>
            <thead><tr>{[say.name, say.followed, say.first, say.id, say.log, say.api].map(head => <th scope="col" key={head}>{head}</th>)}</tr></thead>
            <tbody>{seen.map(node => <Line key={node.name} node={node} />)}</tbody>
          </table>
        </Scroll>
      )}
    </section>
  )
}

function Line({ node }: { node: SeenNode }) {
  return (
    <tr>
      <th scope="row">{node.name}</th>
      <td>{node.followed ? say.yes : <span class="soft">{say.no}</span>}</td>
      <td class="nb" title={exact(node.first_seen)}>{node.first_seen === null ? DASH : fullDay(node.first_seen)}</td>
      <td class="mono s">{node.node_id ?? DASH}</td>
      <td class="mono s">{node.log ?? DASH}</td>
      <td class="mono s">{node.api ?? DASH}</td>
    </tr>
  )
}
