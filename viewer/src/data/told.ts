/** Which notices of open alerts went out, when, and by which route. */

import { useEffect } from 'preact/hooks'
import { connection } from './agent.ts'
import { latestNotice, noticesOf, toldKey, type Notice } from './alerts.ts'
import { askEach, everySo } from './desk.ts'
import type { Problem } from './model.ts'
import { renew, useResource } from './resource.ts'
import { useSettings } from './settings.ts'
import { isUp } from './store.ts'

/** Of one alert its notices, the latest first; null where the agent does not say, or has nobody to tell. */
export type Told = (problem: Problem) => Notice[] | null

/** Asked of the agents of these alerts; again when another one opens, and often enough to see its notice go out. */
export function useTold(open: Problem[]): Told {
  const hosts = [...new Set(open.map(({ agent }) => agent))].filter(isUp).sort()
  const ids = open.map(toldKey).sort().join()
  const answer = useResource(`told ${hosts.join(' ')}`, everySo(hosts, 15), async () => noticesOf((await askEach(hosts, 'alerts')).answers))
  const routes = useSettings().value?.routes.length
  useEffect(() => renew('told '), [ids])
  return problem => {
    const found = answer.value?.get(toldKey(problem)) ?? null
    const awaits = problem.agent === connection.agent.value && Boolean(routes) // whether others have anybody to tell is theirs to say
    return found?.length === 0 && !awaits ? null : found
  }
}

/** The notice that went out last, and of which of these alerts it was. */
export const lastNotice = (open: Problem[], told: Told): { problem: Problem; notice: Notice } | null =>
  latestNotice(open.flatMap(problem => (told(problem) ?? []).map(notice => ({ problem, notice }))))
