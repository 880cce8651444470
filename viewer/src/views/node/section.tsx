/** What the sections of a node's page have in common. */

import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Happening } from '../../data/marks.ts'
import type { Node } from '../../data/model.ts'
import { isNumber } from '../../text/numbers.ts'
import { words } from '../../text/words.ts'
import { Seg } from '../../ui/parts.tsx'

export interface SectionProps { node: Node; happenings: Happening[] }

export const SPANS = [['1', '24 h'], ['7', '7 d'], ['30', '30 d']] as const
export type Days = (typeof SPANS)[number][0]

export const DaysChoice = ({ value, set }: { value: Days; set(days: Days): void }) => <Seg label={words.chart.range} of={SPANS} value={value} set={set} />

/** A line above cards that share a choice. */
export function Sub({ title, children }: { title: string; children?: ComponentChildren }) {
  return <div class="sub w12"><h2>{title}</h2><span class="grow" />{children}</div>
}

/** Rarely needed: there when opened, and asked for only then. */
export function Fold({ title, children }: { title: string; children: ComponentChildren }) {
  const [open, toggle] = useState(false)
  return (
    <details class="card w12 fold" onToggle={event => toggle(event.currentTarget.open)}>
      <summary>{title}</summary>
      {open && <div class="gap3">{children}</div>}
    </details>
  )
}

/** Whether the node's API was ever read: a log alone tells nothing of scores, disk and money. */
export const isPolled = ({ satellites, state }: Node): boolean => satellites.length > 0 || isNumber(state.disk_used) || isNumber(state.disk_allocated)

/** In place of a section that has nothing to show. */
export function Unpolled({ title, children }: { title: string; children: ComponentChildren }) {
  return <section class="card w12"><header><h2>{title}</h2></header><p class="m soft">{children}</p></section>
}
