/** The history of one quantity of a node: its scores by satellite, its disk, its success. */

import { useState } from 'preact/hooks'
import type { Source } from '../data/history.ts'
import type { Happening } from '../data/marks.ts'
import { MEASURES, type Measure } from '../data/measures.ts'
import { counts, worstSatellites, type Node } from '../data/model.ts'
import { words } from '../text/words.ts'
import { Q } from '../ui/why.tsx'
import { LinesCard } from './lines.tsx'

const say = words.measures

/** `of`: keys of the measures that can be chosen. */
interface Props { node: Node; wide: string; of: string[]; first: string; title: string; happenings: Happening[] }

export function HistoryCard({ node, wide, of, first, title, happenings }: Props) {
  const measures = of.flatMap(metric => MEASURES.find(one => one.metric === metric) ?? [])
  const [metric, setMetric] = useState(measures[0]!.metric)
  const measure = measures.find(one => one.metric === metric)!
  return (
    <LinesCard key={metric} id={node.key} wide={wide} measure={measure} sources={sourcesOf(node, measure)} first={first} marks={{ node, happenings }}
      title={<Q topic={measure.topic} at={node.state.ts} title={measure.name}>{title}</Q>}
      tools={<Choice value={metric} set={setMetric} of={measures} />} />
  )
}

/** By satellite where that is known, else the node alone. */
function sourcesOf(node: Node, measure: Measure): Source[] {
  const satellites = worstSatellites(node.satellites).filter(({ state }) => counts(state))
  if (!measure.bySatellite || satellites.length === 0) return [{ key: node.key, name: node.name, node }]
  return satellites.map(({ name }) => ({ key: `${node.key} ${name}`, name, node, satellite: name }))
}

export function Choice({ value, set, of = MEASURES }: { value: string; set(metric: string): void; of?: Measure[] }) {
  return (
    <select class="field" aria-label={say.what} value={value} onChange={event => set(event.currentTarget.value)}>
      {of.map(({ metric, name }) => <option key={metric} value={metric}>{name}</option>)}
    </select>
  )
}
