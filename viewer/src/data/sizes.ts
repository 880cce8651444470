/** Transfers by class of size, their outcomes added up. Pure. */

import { nodeWords } from '../text/node.ts'

/** As `top` of kind sizes: from `least` up to, not including, `below` bytes; null in the class of the largest. */
export interface SizeRow { action: string; outcome: string; least: number; below: number | null; n: number }

/** `success` is ok ÷ ended in percent. */
export interface SizeClass { least: number; below: number | null; ended: number; ok: number; success: number | null }

/** Smallest first. */
export function sizeClasses(rows: SizeRow[], action: string): SizeClass[] {
  const classes = new Map<number, SizeClass>()
  for (const { least, below, outcome, n } of rows.filter(row => row.action === action && row.outcome !== 'rejected')) {
    const found = classes.get(least) ?? { least, below, ended: 0, ok: 0, success: null }
    classes.set(least, found)
    found.ended += n
    if (outcome === 'ok') found.ok += n
  }
  return [...classes.values()].sort((a, b) => a.least - b.least).map(one => ({ ...one, success: one.ended ? (100 * one.ok) / one.ended : null }))
}

/** The edges of classes are powers of two, so they are written in binary units whatever the choice: `16 KiB`. */
export function edge(bytes: number): string {
  return bytes >= 1 << 20 ? `${bytes / (1 << 20)} MiB` : bytes >= 1024 ? `${bytes / 1024} KiB` : `${bytes} B`
}

export const spanOf = ({ least, below }: Pick<SizeClass, 'least' | 'below'>): string => nodeWords.details.between(edge(least), below === null ? null : edge(below))
