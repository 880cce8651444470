/** Where the scores of a node go, and why, as the agent reckons it: the command `reputation`. */

import { decimal, isNumber, withSign } from '../text/numbers.ts'
import { DAY, day, roughly } from '../text/times.ts'
import { nodeWords } from '../text/node.ts'
import { ask, nodeArgs } from './agent.ts'
import type { Node } from './model.ts'
import { useResource } from './resource.ts'

type Scores = Record<'audit' | 'suspension' | 'online', number | null>

export interface Standing {
  name: string
  failures_left: number | null
  slope_per_day: Scores
  eta_days: Scores
  recovers_at: number | null
  vetting: { percent: number; audits: number | null; audits_needed: number; eta: number | null } | null
  cause: string
}

export const useStandings = (node: Node): Standing[] | null =>
  useResource(`reputation ${node.key}`, 300, async () => (await ask<{ satellites: Standing[] }>('reputation', nodeArgs(node))).satellites).value

const say = nodeWords.outlook
/** Points a day below which a score does not move to the eye. */
const STILL = 0.005

/** What is worth a sentence; nothing of a satellite that is content. */
export function outlook({ slope_per_day, eta_days, recovers_at, vetting, cause }: Standing, now: number): string[] {
  const moving = (['audit', 'suspension', 'online'] as const).flatMap(name => {
    const slope = slope_per_day[name]
    if (!isNumber(slope) || Math.abs(slope) < STILL) return []
    const days = eta_days[name]
    const pace = withSign(slope, decimal(Math.abs(slope), 2))
    return [isNumber(days) ? say.falls(say.scores[name], pace, roughly(days * DAY)) : say.moves(say.scores[name], pace)]
  })
  const back = isNumber(recovers_at) && recovers_at > now ? [say.recovers(day(recovers_at))] : []
  const young = vetting ? [say.vetting(decimal(vetting.percent, 0), vetting.audits, vetting.audits_needed, isNumber(vetting.eta) ? day(vetting.eta) : null)] : []
  return [...young, ...moving, ...back, ...(cause ? [cause] : [])]
}
