/** The history of one quantity of a node: its scores by satellite, its disk, its success. */

import { useState } from 'preact/hooks'
import type { Source } from '../data/history.ts'
import { MEASURES, type Measure } from '../data/measures.ts'
import { counts, worstSatellites, type Node } from '../data/model.ts'
import { words } from '../text/words.ts'
import { Q } from '../ui/why.tsx'
import { LinesCard } from './lines.tsx'

const say = words.measures

export function HistoryCard({ node, wide }: { node: Node; wide: string }) {
  const [metric, setMetric] = useState(MEASURES[0]!.metric)
  const measure = MEASURES.find(one => one.metric === metric)!
  return (
    <LinesCard key={metric} id={node.key} wide={wide} measure={measure} sources={sourcesOf(node, measure)} first="30d"
      title={<Q topic={measure.topic} at={node.state.ts} title={measure.name}>{say.history}</Q>}
      tools={<Choice value={metric} set={setMetric} />} />
  )
}

/** By satellite where that is known, else the node alone. */
function sourcesOf(node: Node, measure: Measure): Source[] {
  const satellites = worstSatellites(node.satellites).filter(({ state }) => counts(state))
  if (!measure.bySatellite || satellites.length === 0) return [{ key: node.key, name: node.name, node }]
  return satellites.map(({ name }) => ({ key: `${node.key} ${name}`, name, node, satellite: name }))
}

export function Choice({ value, set }: { value: string; set(metric: string): void }) {
  return (
    <select class="field" aria-label={say.what} value={value} onChange={event => set(event.currentTarget.value)}>
      {MEASURES.map(({ metric, name }) => <option key={metric} value={metric}>{name}</option>)}
    </select>
  )
}
