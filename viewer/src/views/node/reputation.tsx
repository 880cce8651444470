/** Reputation: how far from each limit, where it goes, and what an absence costs. */

import { HistoryCard } from '../history.tsx'
import { PlannerCard } from '../planner.tsx'
import { ReputationCard } from '../reputation.tsx'
import { isPolled, Unpolled, type SectionProps } from './section.tsx'
import { nodeWords } from '../../text/node.ts'

const SCORES = ['online_score', 'audit_score', 'suspension_score']

export function Reputation({ node, happenings }: SectionProps) {
  if (!isPolled(node)) return <Unpolled title={nodeWords.nodePage.names.reputation}>{nodeWords.nodePage.noScores}</Unpolled>
  return (
    <>
      <div class="w8 stack">
        <ReputationCard node={node} wide="" />
        <HistoryCard node={node} wide="" of={SCORES} first="30d" happenings={happenings} title={nodeWords.nodePage.scores} />
      </div>
      <PlannerCard node={node} wide="w4" />
    </>
  )
}
