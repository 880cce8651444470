/** Errors: how many, what they are, what they mean. */

import { nodeWords } from '../../text/node.ts'
import { TemplatesCard } from '../errors.tsx'
import { HistoryCard } from '../history.tsx'
import type { SectionProps } from './section.tsx'

export function Errors({ node, happenings }: SectionProps) {
  return (
    <>
      <TemplatesCard node={node} wide="w12" />
      <HistoryCard node={node} wide="w12" of={['errors', 'log_unknown_share', 'hidden_failures', 'audit_slow']} first="7d" happenings={happenings} title={nodeWords.nodePage.errors} />
    </>
  )
}
