/** Storage: what the disk holds, what is paid of it, when it is full. */

import { TABLES } from '../../text/tables.ts'
import { nodeWords } from '../../text/node.ts'
import { HistoryCard } from '../history.tsx'
import { StorageCard } from '../storage.tsx'
import { TableBody } from '../tables.tsx'
import { ForecastCard } from './forecast.tsx'
import { Fold, isPolled, Unpolled, type SectionProps } from './section.tsx'

const PARTS = ['disk_used', 'disk_trash', 'disk_reclaimable', 'disk_free']

export function Storage({ node, happenings }: SectionProps) {
  if (!isPolled(node)) return <Unpolled title={nodeWords.nodePage.names.storage}>{nodeWords.nodePage.noDisk}</Unpolled>
  return (
    <>
      <StorageCard node={node} wide="w7" />
      <ForecastCard node={node} happenings={happenings} />
      <HistoryCard node={node} wide="w12" of={PARTS} first="30d" happenings={happenings} title={nodeWords.nodePage.parts} />
      <Fold title={nodeWords.nodePage.reported}><TableBody node={node} table={TABLES.reported} /></Fold>
    </>
  )
}
