/** Marks over a chart of one node, and what was before and after the one that is chosen. */

import { useState } from 'preact/hooks'
import type { JSX } from 'preact'
import type { Happening, Marker } from '../data/marks.ts'
import type { Node } from '../data/model.ts'
import { BeforeAfter, Marks } from './marks-row.tsx'

export interface Marked {
  /** The rings, for a picture that reaches from … to. */
  over(frame: { from: number; to: number }): JSX.Element
  /** Below the picture: the comparison. */
  below: JSX.Element
}

/** Without a node there is nothing to compare. */
export function useMarked(node: Node | undefined, happenings: Happening[]): Marked {
  const [marker, choose] = useState<Marker | null>(null)
  return {
    over: ({ from, to }) => <Marks happenings={happenings} from={from} to={to} chosen={marker} choose={choose} />,
    below: <>{node && <BeforeAfter nodes={[node]} marker={marker} />}</>,
  }
}
