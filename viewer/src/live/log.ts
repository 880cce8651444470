/** Notable lines as they come: equal ones folded into one, newest first, bounded. Pure. */

import type { Line } from '../data/protocol.ts'

export interface LogRow { id: number; node: string; at: number; level: string; logger: string; message: string; meaning: string | null; severity: string; times: number }

const KEPT = 200
let lastId = 0

/** The list with `lines` of `node` on top; an equal line already listed moves up and counts on. */
export function withLines(rows: LogRow[], node: string, lines: Line[]): LogRow[] {
  let next = rows
  for (const [at, level, logger, message, meaning, severity] of lines) {
    const same = next.find(row => row.node === node && row.level === level && row.message === message && row.logger === logger)
    const row = same
      ? { ...same, at, times: same.times + 1 }
      : { id: ++lastId, node, at, level, logger, message, meaning, severity, times: 1 }
    next = [row, ...next.filter(one => one !== same)]
  }
  return next.slice(0, KEPT)
}

export type LevelFilter = 'all' | 'warnings' | 'errors'
const WARNINGS = ['WARN', 'ERROR', 'FATAL', 'PANIC', 'DPANIC']

export function fitsLog(row: LogRow, filter: LevelFilter, search: string): boolean {
  if (filter === 'warnings' && !WARNINGS.includes(row.level)) return false
  if (filter === 'errors' && !WARNINGS.slice(1).includes(row.level)) return false
  return `${row.node} ${row.logger} ${row.message} ${row.meaning ?? ''}`.toLowerCase().includes(search.trim().toLowerCase())
}
