/** What happened, and what is unusual. */

import { useEvents } from '../../data/events.ts'
import { TABLES } from '../../text/tables.ts'
import { nodeWords } from '../../text/node.ts'
import { EventsCard } from '../events.tsx'
import { TableBody } from '../tables.tsx'
import { Fold, type SectionProps } from './section.tsx'

export function Events({ node }: SectionProps) {
  return (
    <>
      <EventsCard events={useEvents(node)} shown={12} wide="w6" named={false} node={node} />
      <section class="card w6">
        <header class="hd0"><h2>{nodeWords.nodePage.unusual}</h2></header>
        <TableBody node={node} table={TABLES.unusual} />
      </section>
      <Fold title={nodeWords.nodePage.unusualBefore}><TableBody node={node} table={TABLES.unusual_before} /></Fold>
    </>
  )
}
