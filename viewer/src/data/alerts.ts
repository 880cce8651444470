/** Alerts beyond the board: the pages of the history, the rules, insights. Pure. */

import { namesOf, satellitesOf, type Alert, type Problem } from './model.ts'
import { isNumber, type Maybe } from '../text/numbers.ts'

// ---- history ----

/** An alert of the history: `ended` is how, where the agent still knows; `value` the number by which its rule let go. */
export interface Past extends Problem { closed: number | null; ended: string | null; value: number | null }

/** What was read of one agent's history, newest first; `before` asks for the next page, null: there is no more. */
export interface Pages { rows: Past[]; before: number | null; error: string | null }

const keyOf = (row: Past): string => `${row.agent} ${row.id} ${row.since}`

export function pastOf(answer: unknown, agent: string): Past[] {
  const list = Array.isArray(answer) ? (answer as (Alert & { closed?: Maybe; ended?: string | null; ended_value?: Maybe })[]) : []
  return list.map(row => ({ ...row, agent, nodes: row.nodes ?? [], satellites: row.satellites ?? [], closed: row.closed ?? null, ended: row.ended ?? null, value: row.ended_value ?? null }))
}

/** One more page behind those that are there. Several may have opened in its last second, so that second is asked again. */
export function joined(known: Pages | undefined, page: Past[], limit: number): Pages {
  const seen = new Set(known?.rows.map(keyOf))
  const fresh = page.filter(row => !seen.has(keyOf(row)))
  const last = page.at(-1)?.since
  const more = page.length >= limit && fresh.length > 0 && isNumber(last)
  return { rows: [...(known?.rows ?? []), ...fresh], before: more ? last + 1 : null, error: null }
}

/** What was read further back, with the newest page as it is now. */
export function renewed(older: Pages | undefined, newest: Pages): Pages {
  if (!older) return newest
  const seen = new Set(newest.rows.map(keyOf))
  return { ...older, rows: [...newest.rows, ...older.rows.filter(row => !seen.has(keyOf(row)))] }
}

/** How far back every agent was read: older rows wait until the others are there, too. */
export const frontier = (pages: Pages[]): number => Math.max(-Infinity, ...pages.filter(({ before }) => before !== null).map(({ rows }) => rows.at(-1)?.since ?? -Infinity))

/** The closed ones that can be shown in order, newest first. */
export function closedOf(pages: Pages[]): Past[] {
  const from = frontier(pages)
  const shown = pages.flatMap(({ rows }) => rows).filter(row => row.closed !== null && row.since >= from)
  return shown.sort((a, b) => b.since - a.since || a.id.localeCompare(b.id))
}

/** The agents whose next page holds what comes after the rows that are shown. */
export const nextOf = (pages: ReadonlyMap<string, Pages>): string[] => {
  const from = frontier([...pages.values()])
  return [...pages].filter(([, { rows, before }]) => before !== null && (rows.at(-1)?.since ?? -Infinity) >= from).map(([agent]) => agent)
}

export const PAST_HEAD = ['agent', 'nodes', 'satellites', 'rule', 'severity', 'opened', 'closed', 'seconds', 'ended', 'text', 'ended_value']

const iso = (at: number | null): string | null => (at === null ? null : new Date(at * 1000).toISOString())

export const pastCells = (row: Past): (string | number | null)[] => [
  row.agent, namesOf([row]).join(' '), satellitesOf([row]).join(' '), row.rule, row.severity,
  iso(row.since), iso(row.closed), row.closed === null ? null : row.closed - row.since, row.ended, row.text, row.value,
]

// ---- notices ----

/** A route last told of an alert. */
export interface Notice { route: string; at: number }

export const toldKey = ({ agent, id }: { agent: string; id: string }): string => `${agent} ${id}`

/** By alert; agents that do not say it are left out. */
export function noticesOf(answers: readonly (readonly [agent: string, answer: unknown])[]): ReadonlyMap<string, Notice[]> {
  const rows = answers.flatMap(([agent, answer]) => (Array.isArray(answer) ? (answer as { id: string; told?: Notice[] }[]).map(row => ({ agent, ...row })) : []))
  return new Map(rows.flatMap(({ agent, id, told }) => (Array.isArray(told) ? [[toldKey({ agent, id }), told]] : [])))
}

export const latestNotice = <T extends { notice: Notice }>(all: T[]): T | null =>
  all.reduce<T | null>((last, one) => (last && last.notice.at >= one.notice.at ? last : one), null)

// ---- rules ----

export interface Level { severity: string; fire: number; clear: number | null; for: number; keep: number; threshold: string | null }
export interface Rule { id: string; scope: string; needs: string[]; below: boolean; levels: Level[]; text: string; cost: string; next_step: string; link: string }

/** A rule that asks yes or no: there is no number to speak of. */
export const isYesNo = ({ levels }: Rule): boolean => levels.every(({ fire, clear }) => fire === 1 && clear === null)

export function rulesOf(answer: unknown): Rule[] {
  return Array.isArray(answer) ? (answer as Rule[]).filter(rule => typeof rule?.id === 'string' && Array.isArray(rule.levels)) : []
}

/** What happened, and what it costs: agents say both in one text, the cost last. */
export function parted(text: string, cost: string | undefined): [what: string, cost: string] {
  return cost && text.endsWith(` ${cost}`) ? [text.slice(0, -cost.length - 1), cost] : [text, '']
}

// ---- insights ----

export interface Insight {
  metric: string; node: string; satellite: string; name?: string; value: number; expected: number; low: number; high: number
  since: number; until: number | null; text: string; cause: string; latest: Maybe; settled: boolean
}
/** An insight and the agent that says it. */
export interface Told extends Insight { agent: string }
export interface Insights { open: Told[]; recent: Told[]; learning: Record<string, Record<string, number | null>> }

const insightRows = (value: unknown, agent: string): Told[] => (Array.isArray(value) ? (value as Insight[]).map(one => ({ ...one, agent })) : [])

/** Of several agents together: open ones oldest first, recent ones newest first. */
export function insightsOf(answers: readonly (readonly [agent: string, answer: unknown])[]): Insights {
  const part = (key: 'open' | 'recent') => answers.flatMap(([agent, answer]) => insightRows((answer as Record<string, unknown> | null)?.[key], agent))
  const learning = Object.assign({}, ...answers.map(([, answer]) => (answer as Partial<Insights> | null)?.learning ?? {})) as Insights['learning']
  return { open: part('open').sort((a, b) => a.since - b.since), recent: part('recent').sort((a, b) => b.since - a.since), learning }
}
