/** Tasks of a node beside compactions: what runs now, how the last one ended, how long they take. Pure. */

import { count, isNumber, size } from '../text/numbers.ts'
import { nodeWords } from '../text/node.ts'

export interface Run { kind: string; satellite: string; name: string; subject: string; started: number; ended: number | null; ok: boolean | null; stats: Record<string, number | boolean | string | undefined> }

export interface Task {
  kind: string
  running: Run[]
  /** The last that is over; null where only one runs. */
  last: Run | null
  failed: number
  /** Seconds that they took, oldest first. */
  trend: number[]
}

const say = nodeWords.tasks

/** In the order in which they matter. Compactions have a card of their own; walks are parts of what they are walks of. */
export const KINDS = ['gc', 'trash', 'used_space', 'migration', 'bloom_filter'] as const

export function taskOf(kind: string, runs: Run[]): Task | null {
  if (runs.length === 0) return null
  const newest = [...runs].sort((a, b) => b.started - a.started)
  const over = newest.filter(({ ended }) => ended !== null)
  const trend = over.flatMap(({ stats: { seconds } }) => (isNumber(seconds) ? [seconds] : [])).reverse()
  return { kind, running: newest.filter(({ ended }) => ended === null), last: over[0] ?? null, failed: over.filter(({ ok }) => ok === false).length, trend }
}

/** What a run did, in a few words; empty where its lines tell nothing. */
export function resultOf({ kind, stats }: Run): string {
  const number = (key: string): number | null => (isNumber(stats[key]) ? (stats[key] as number) : null)
  const parts: Record<string, () => (string | null)[]> = {
    gc: () => [told(number('deleted_pieces'), n => say.toTrash(count(n))), told(number('pieces_count'), n => say.ofPieces(count(n)))],
    trash: () => [told(number('bytes_deleted'), n => say.freed(size(n))), told(number('num_keys_deleted'), n => say.pieces(count(n)))],
    used_space: () => [told(number('total_pieces_size'), n => say.found(size(n))), told(number('total_pieces_count'), n => say.pieces(count(n)))],
    migration: () => [told(number('bytes'), n => say.moved(size(n))), told(number('bytes_rate'), n => say.rate(size(n))), told(number('failed'), n => say.couldNot(count(n)))],
  }
  return (parts[kind]?.() ?? []).filter(Boolean).join(', ')
}

const told = (value: number | null, text: (value: number) => string): string | null => (value === null ? null : text(value))
