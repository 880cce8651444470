/** Traffic: how much, how well, how fast, and what exactly. */

import { useState } from 'preact/hooks'
import { TABLES } from '../../text/tables.ts'
import { nodeWords } from '../../text/node.ts'
import { HistoryCard } from '../history.tsx'
import { LiveCard } from '../livechart.tsx'
import { TableBody } from '../tables.tsx'
import { TransfersCard } from '../transfers.tsx'
import { AnswersCards } from './answers.tsx'
import { PlacesCard, ReasonsCard, SizesCard } from './details.tsx'
import { FlowCard } from './flow.tsx'
import { DaysChoice, Fold, Sub, type Days, type SectionProps } from './section.tsx'

const say = nodeWords.nodePage
const RATES = ['download_success', 'upload_success', 'repair_success', 'audit_success', 'transfer_rate']

export function Traffic({ node, happenings }: SectionProps) {
  const [days, setDays] = useState<Days>('7')
  return (
    <>
      <FlowCard node={node} happenings={happenings} />
      <TransfersCard node={node} wide="w4" />
      <HistoryCard node={node} wide="w8" of={RATES} first="7d" happenings={happenings} title={say.howWell} />
      <LiveCard nodes={[node]} wide="w4" />
      <Sub title={say.detail}><DaysChoice value={days} set={setDays} /></Sub>
      <AnswersCards node={node} happenings={happenings} days={days} />
      <ReasonsCard node={node} days={days} />
      <SizesCard node={node} days={days} />
      <PlacesCard node={node} days={days} />
      <Fold title={say.hot}><TableBody node={node} table={TABLES.pieces} /></Fold>
      <Fold title={say.slow}><TableBody node={node} table={TABLES.slow} /></Fold>
    </>
  )
}
