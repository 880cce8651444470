/** What happened, as letters on a chart; and what was before and after it. */

import { isNumber } from '../text/numbers.ts'
import { DAY, HOUR } from '../text/times.ts'
import { words } from '../text/words.ts'
import { ask, nodeArgs } from './agent.ts'
import { askHistory } from './history.ts'
import type { Event } from './events.ts'
import type { Node } from './model.ts'
import { sumHistories, weighted, type History } from './series.ts'

export type Letter = 'U' | 'R' | 'C' | 'D' | 'N' | '!'
export interface Happening { at: number; letter: Letter; text: string }
/** Happenings so close that their rings would overlap stand as one. */
export interface Marker { at: number; share: number; letter: Letter; texts: string[] }

/** By the agent's word for what happened; what surrounds a node and changed is a note. */
const LETTERS: Record<string, Letter> = {
  update: 'U', updated: 'U', migrated: 'U', restart: 'R', started: 'R', compaction: 'C', down: 'D', stopped: 'D', crashed: 'D', refused: 'D', restart_loop: 'D',
  note: 'N', config: 'N', storage: 'N', dns: 'N', alert: '!',
}

export const letterOf = (kind: string): Letter | null => LETTERS[kind] ?? null

/** Events that have a letter of their own or are worth a warning, starts of nodes, and open alerts. */
export function happeningsOf(nodes: Node[], events: Event[]): Happening[] {
  const one = nodes.length === 1
  const named = (name: string | null, text: string): string => (one || !name ? text : `${name}: ${text}`)
  const told = events.flatMap(({ at, kind, severity, node, text }) => {
    const letter = LETTERS[kind] ?? (severity === 'info' ? null : '!')
    return letter ? [{ at, letter, text: named(node, text) }] : []
  })
  const starts = nodes.flatMap(({ name, state }) =>
    isNumber(state.started) ? [{ at: state.started, letter: 'R' as const, text: named(name, words.marks.started) }] : [])
  const alerts = nodes.flatMap(({ name, alerts: open }) => open.map(alert => ({ at: alert.since, letter: '!' as const, text: named(name, alert.text) })))
  return [...told, ...starts, ...alerts]
}

const RING = 0.018 // of the width
const MOST = 40

/** Oldest first; `share` 0…1 from the left. An alert gives its letter to what it stands with. `ring`: width of a ring. */
export function markersOf(happenings: Happening[], from: number, to: number, ring = RING): Marker[] {
  const markers: Marker[] = []
  const inside = happenings.filter(({ at }) => at > from && at < to).sort((a, b) => a.at - b.at)
  for (const { at, letter, text } of inside.slice(-MOST)) {
    const share = (at - from) / (to - from)
    const last = markers.at(-1)
    if (last && share - last.share < ring) {
      if (!last.texts.includes(text)) last.texts.push(text)
      if (letter === '!') last.letter = '!'
    } else markers.push({ at, share, letter, texts: [text] })
  }
  return markers
}

export interface Measured { metric: string; label: string; before: number | null; after: number | null; difference: number | null; notable: boolean | null; text: string }
/** The agent's own answer: it knows which differences are usual. `hours` of each side. */
export interface Compared { hours: number; text: string; measures: Measured[] }

export const askCompare = (node: Node, at: number, hours: number): Promise<Compared> => ask('compare', { ...nodeArgs(node), at: Math.floor(at), hours })

export interface Means { out: number | null; in: number | null; download: number | null; upload: number | null }
export interface Change { span: number; before: Means; after: Means }

const WEIGHTS = [['download_success', 'downloads'], ['upload_success', 'uploads']] as const

/** Means of as long before as after, a day at most; an hour at least, so that a fresh mark has something to say. */
export async function changeAround(nodes: Node[], at: number, now: number): Promise<Change> {
  const span = Math.max(HOUR, Math.min(DAY, Math.floor((now - at) / HOUR) * HOUR))
  const [before, after] = await Promise.all([meansOf(nodes, at - span, at), meansOf(nodes, at, Math.min(now, at + span))])
  return { span, before, after }
}

async function meansOf(nodes: Node[], from: number, to: number): Promise<Means> {
  const [low, high] = [Math.floor(from / 600) * 600, Math.floor(to / 600) * 600]
  const metrics = ['egress_rate', 'ingress_rate', ...WEIGHTS.flat()]
  const answers = await Promise.allSettled(nodes.map(node => askHistory(node, { metrics, step: 600, from: low, to: high })))
  return meansIn(answers.flatMap(answer => (answer.status === 'fulfilled' ? [answer.value] : [])))
}

/** Pure part: rates are summed over nodes and averaged over bins, shares weighted by what they are shares of. */
export function meansIn(histories: History[]): Means {
  const { values } = sumHistories(histories, ['egress_rate', 'ingress_rate'])
  const [download, upload] = WEIGHTS.map(([share, weight]) => mean(weighted(histories.map(history => columns(history, share, weight)))))
  return { out: mean(values['egress_rate']!), in: mean(values['ingress_rate']!), download: download ?? null, upload: upload ?? null }
}

function columns({ step, columns: names, rows }: History, ...wanted: string[]): History {
  const at = ['t', ...wanted].map(name => names.indexOf(name))
  return { step, columns: ['t', ...wanted], rows: rows.map(row => at.map(index => row[index] ?? null)) }
}

function mean(values: (number | null)[]): number | null {
  const known = values.filter(isNumber)
  return known.length ? known.reduce((total, value) => total + value, 0) / known.length : null
}
