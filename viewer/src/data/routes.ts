/** The routes of notices: how they do, and their test. */

import { ask } from './agent.ts'
import type { Tone } from './model.ts'
import { renew } from './resource.ts'
import type { Route } from './settings.ts'
import { desk } from '../text/desk.ts'
import { words } from '../text/words.ts'
import { toast } from '../ui/parts.tsx'

export interface Tested { ok: boolean; text: string; url: string }

export const toneOfRoute = ({ state }: Route): Tone => (!state ? 'unk' : state.failing ? 'warn' : 'ok')

/** How it does, in words: what the service said last, and what waits. */
export function routeWord({ state }: Route): string {
  if (!state) return desk.routes.never
  const how = state.failing ? (state.said ? desk.notices.failing(state.said) : desk.routes.failing) : desk.notices.works
  return state.waiting ? `${how} · ${desk.notices.waiting(state.waiting)}` : how
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
