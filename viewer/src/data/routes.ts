/** The routes of notices: how they do, and their test. */

import { ask } from './agent.ts'
import type { Tone } from './model.ts'
import { renew } from './resource.ts'
import type { Route } from './settings.ts'
import { desk } from '../text/desk.ts'
import { isNumber } from '../text/numbers.ts'
import { clock, since } from '../text/times.ts'
import { words } from '../text/words.ts'
import { toast } from '../ui/parts.tsx'

export interface Tested { ok: boolean; text: string; url: string }

/** A route that was never used is not known to work. */
const isNew = ({ state }: Route): boolean => !state || (!state.failing && state.last === null)

export const toneOfRoute = (route: Route): Tone => (isNew(route) ? 'unk' : route.state?.failing ? 'warn' : 'ok')

/** How it does, in words: what the service said last, when it is tried again, when it last took an alert, what waits. */
export function routeWord(route: Route, now: number): string {
  const { state } = route
  const how = state?.failing ? (state.said ? desk.notices.failing(state.said) : desk.routes.failing) : isNew(route) ? desk.routes.never : desk.notices.works
  const last = isNumber(state?.last) ? desk.routes.last(since(state.last, now)) : ''
  const next = state?.failing && isNumber(state.due) && state.due > now ? desk.routes.next(clock(state.due)) : ''
  const waits = state?.waiting ? desk.notices.waiting(state.waiting) : ''
  return [how, next, last, waits].filter(Boolean).join(' · ')
}

/** Send a test by one route or by all; null where it could not be asked for, which is said. */
export async function testRoutes(route?: string): Promise<{ all: Record<string, Tested>; bad: string[] } | null> {
  try {
    const { routes } = await ask<{ routes: Record<string, Tested> }>('notify_test', route ? { route } : {})
    renew('settings')
    return { all: routes, bad: Object.keys(routes).filter(name => !routes[name]!.ok) }
  } catch (error) {
    toast(words.failed(error instanceof Error ? error.message : String(error)))
    return null
  }
}
