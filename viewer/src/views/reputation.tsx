/** What each satellite thinks of a node, worst first. */

import { counts, SCORES, worstSatellites, type Node, type Satellite, type SatelliteState } from '../data/model.ts'
import { useWindows } from '../data/windows.ts'
import { outlook, useStandings, type Standing } from '../data/standings.ts'
import { calmNow } from '../data/store.ts'
import type { Topic } from '../text/explain.ts'
import { count, isNumber, percent } from '../text/numbers.ts'
import { day, exact } from '../text/times.ts'
import { words } from '../text/words.ts'
import { ScoreBar, Strip } from '../ui/marks.tsx'
import { Scroll } from '../ui/parts.tsx'
import { Q } from '../ui/why.tsx'

const say = words.reputation

export function ReputationCard({ node, wide }: { node: Node; wide: string }) {
  const standings = useStandings(node)
  return (
    <section class={`card ${wide}`}>
      <header><h2>{say.head}</h2><span class="s faint">{say.renewed}</span></header>
      {node.satellites.length === 0 ? <p class="m soft">{say.none}</p> : (
        <Scroll label={say.head}>
          <table class="rep">
            <thead>
              <tr>
                <th scope="col">{say.satellite}</th>
                <th scope="col" class="col-m">{say.state}</th>
                {SCORES.map(row => (
                  <th scope="col" key={row.key} class={row.name === 'suspension' ? 'col-m' : ''}>
                    <Q topic={row.name as Topic}>{say.score[row.name as 'audit']}</Q> <span class="faint">{say.limit(row.limit)}</span>
                  </th>
                ))}
                <th scope="col" class="num col-m"><Q topic="fails">{say.fails}</Q></th>
                <th scope="col" class="num col-x col-w"><Q topic="distance">{say.distance}</Q></th>
                <th scope="col" class="col-x"><Q topic="windows">{say.windows}</Q></th>
                <th scope="col" class="num col-x col-w"><Q topic="audits">{say.audits}</Q></th>
              </tr>
            </thead>
            <tbody>{worstSatellites(node.satellites).map(one => <Row key={one.name} node={node} satellite={one} standing={standings?.find(each => each.name === one.name)} />)}</tbody>
          </table>
        </Scroll>
      )}
      <ul class="plain m soft gap3">{(standings ?? []).flatMap(one => outlook(one, calmNow.value).map(text => <li key={`${one.name} ${text}`}><b>{one.name}</b>: {text}</li>))}</ul>
      <p class="s faint gap3">{say.legend}</p>
    </section>
  )
}

function Row({ node, satellite: { name, state }, standing }: { node: Node; satellite: Satellite; standing: Standing | undefined }) {
  const windows = useWindows(node, counts(state) ? name : null)
  return (
    <tr>
      <th scope="row" title={state.url}>{name}</th>
      <td class="col-m" title={exact(state.disqualified ?? state.suspended ?? state.vetted ?? state.joined)}>{stateText(state)}</td>
      {SCORES.map(row => (
        <td key={row.key} class={row.name === 'suspension' ? 'col-m' : ''}><ScoreBar row={row} value={state[row.key]} label={false} /></td>
      ))}
      <td class="num col-m">{standing ? count(standing.failures_left) : count(null)}</td>
      <td class="num col-x col-w">{isNumber(state.audit_distance) ? percent(state.audit_distance) : percent(null)}</td>
      <td class="wstrip col-x">{windows ? <Strip windows={windows} /> : percent(null)}</td>
      <td class="num col-x col-w">{percent(state.audit_success)}</td>
    </tr>
  )
}

function stateText(state: SatelliteState): string {
  const word = say.states[state.state ?? ''] ?? state.state ?? percent(null)
  const at = state.state === 'disqualified' ? state.disqualified : state.state === 'suspended' ? state.suspended : null
  return isNumber(at) && at < calmNow.value ? say.sinceDay(word, day(at)) : word
}
