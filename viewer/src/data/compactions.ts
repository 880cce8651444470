/** Compactions as the agent answers, and what is made of their figures. Pure. */

import { isNumber, type Maybe } from '../text/numbers.ts'

export interface CompactionRow {
  started: number; ended: number | null; satellite: string; name: string; subject: string; ok: boolean | null
  stats: Record<string, number | undefined>
  /** Of one under way: the mean of its store over 30 days. */
  usual_seconds?: number | null
}

export interface Sums { n: number; failed: number; seconds: number; rewritten: number; reclaimed: number; busy: number }

export interface Compactions { page: number; pages: number; total: number; rows: CompactionRow[]; totals: Sums; days: (Sums & { day: number })[]; running: CompactionRow[] }

/** Bytes given back for each that had to be written anew; null where nothing was. */
export const efficiency = (reclaimed: Maybe, rewritten: Maybe): number | null =>
  isNumber(reclaimed) && isNumber(rewritten) && rewritten > 0 ? reclaimed / rewritten : null

/** Megabytes rewritten a second; null where nothing was. */
export const throughput = (rewritten: Maybe, seconds: Maybe): number | null =>
  isNumber(rewritten) && isNumber(seconds) && rewritten > 0 && seconds > 0 ? rewritten / seconds / 1e6 : null

/** What a press on a head asks for: its order, or the other way round where the agent has one. */
export const sortOf = (now: string, wish: string, down?: string): string => (now === wish && down ? down : wish)
