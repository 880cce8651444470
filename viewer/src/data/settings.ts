/** The settings that people change on the page, as the agent keeps them; edited on its own page alone. */

import { useEffect } from 'preact/hooks'
import { act } from './actions.ts'
import { ask, connection } from './agent.ts'
import { renew, useResource, type Resource } from './resource.ts'
import { aboutOf } from './store.ts'
import { desk } from '../text/desk.ts'
import { count, decimal, isNumber } from '../text/numbers.ts'

export interface Threshold { value: number; file: number; set: 'node' | 'all' | null }
export interface ForAll { value: number; file: number; set: boolean }
/** One number that can be set: from which on (`below`: and under which) a rule opens at this severity. */
export interface Limit { key: string; rule: string; severity: string; unit: string; below: boolean; least: number; most: number; text: string }
/** `due`: when it is tried again; `last`: when an alert last arrived by it; absent where the agent does not say. */
export interface RouteState { failing: boolean; said: string | null; waiting: number; due?: number | null; last?: number | null }
export interface Route {
  name: string; url: string; severities: string[]; nodes: string[]; quiet: boolean; notices: boolean; digest: boolean
  from: 'file' | 'page' | 'both'; reset: boolean; state: RouteState | null
}
/** `set`: it was set on the page, and wins over the file's until it is reset. */
export interface Kept<T> { value: T; file: T; set: boolean }
export interface Notify { quiet_hours: Kept<string | null>; timezone: Kept<string>; digest: Kept<string>; digest_time: Kept<string> }
export interface SeenNode { name: string; node_id: string | null; first_seen: number | null; followed: boolean; log: string | null; api: string | null }
export interface Settings {
  thresholds: Record<string, Record<string, Threshold>>; all: Record<string, ForAll>; rules: Limit[]
  routes: Route[]; /** the file's that are switched off here */ removed: { name: string; url: string }[]; notify: Notify; nodes: SeenNode[]
}

const KEY = 'settings'
/** Seconds: the agent says when something was set, by whomever; how routes do is not said. Older agents say neither. */
const FRESH = { told: 30, untold: 10 }
let heard: number | null | undefined

export function useSettings(): Resource<Settings> {
  const changed = aboutOf(connection.agent.value).settings_changed
  const found = useResource(KEY, changed === undefined ? FRESH.untold : FRESH.told, async () => {
    const answer = await ask<Settings>('settings', {})
    if (!Array.isArray(answer.rules)) throw new Error(desk.settings.older)
    return answer
  })
  useEffect(() => {
    if (heard !== undefined && heard !== changed) renew(KEY)
    heard = changed
  }, [changed])
  return found
}

export interface Change { key: string; value: unknown; node?: string }

/** Change one thing; `said` is told once it holds, with a way back where `undo` is one. True when it holds. */
export async function change({ key, value, node }: Change, said: string, undo?: Change & { said: string }): Promise<boolean> {
  const back = undo && ((): void => void change(undo, undo.said))
  const done = await act(() => ask('set', { key, value, ...(node ? { node } : {}) }), said, back)
  renew(KEY)
  return done
}

/** `90%`, `14 days`, `1 error`. */
export function amount(value: number, unit: string): string {
  const number = Number.isInteger(value) ? count(value) : decimal(value, value < 1 ? 2 : String(value).split('.')[1]!.length > 1 ? 2 : 1)
  return unit === '%' ? `${number}%` : unit ? `${number} ${value === 1 ? unit.replace(/(?<=..)s$/, '') : unit}` : number
}

export const isValid = ({ least, most }: Limit, value: number): boolean => isNumber(value) && value >= least && value <= most
