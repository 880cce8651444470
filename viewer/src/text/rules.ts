/** The numbers of a rule as people read them. */

import { isYesNo, type Level, type Past, type Rule } from '../data/alerts.ts'
import type { Catalogue } from '../data/desk.ts'
import { amount } from '../data/settings.ts'
import { desk } from './desk.ts'
import { duration } from './times.ts'

const say = desk.rules
const unitOf = ({ limits }: Catalogue, rule: string, severity: string): string => limits.get(`${rule} ${severity}`)?.unit ?? ''
const lasting = (seconds: number): string => (seconds > 0 ? say.lasting(duration(seconds)) : '')
const joined = (...parts: string[]): string => parts.filter(Boolean).join(' ')

/** A level with the number that holds now: where it opens was set, where it closes moves along as far beyond. */
export function current(rule: Rule, level: Level, { values }: Catalogue): Level {
  const fire = values.get(level.threshold ?? '') ?? level.fire
  if (fire === level.fire || level.clear === null) return { ...level, fire }
  return { ...level, fire, clear: rule.below ? fire + level.clear - level.fire : (fire * level.clear) / level.fire }
}

/** `at 90% and above for 5 min` */
export function fires(rule: Rule, level: Level, catalogue: Catalogue): string {
  if (isYesNo(rule)) return joined(say.when.yes, lasting(level.for))
  const value = amount(level.fire, unitOf(catalogue, rule.id, level.severity))
  return joined(rule.below ? say.at.below(value) : say.at.above(value), lasting(level.for))
}

/** `at 88% and below for 1 h` */
export function clears(rule: Rule, level: Level, catalogue: Catalogue): string {
  if (isYesNo(rule)) return joined(say.when.no, lasting(level.keep))
  const unit = unitOf(catalogue, rule.id, level.severity)
  if (level.clear === null) {
    const value = amount(level.fire, unit)
    return joined(rule.below ? say.over(value) : say.under(value), lasting(level.keep))
  }
  const value = amount(level.clear, unit)
  return joined(rule.below ? say.at.above(value) : say.at.below(value), lasting(level.keep))
}

/** What ended an alert: its lightest level let go, or its node is gone. Empty where the agent did not note it. */
export function ended(past: Past, catalogue: Catalogue): string {
  if (past.ended === 'unwatched') return desk.history.unwatched
  const rule = catalogue.rules.get(past.rule)
  const level = rule?.levels[0]
  if (past.ended !== 'cleared') return ''
  if (!rule || !level) return desk.history.cleared
  if (isYesNo(rule)) return desk.history.yes(lasting(level.keep))
  const limit = clears(rule, current(rule, level, catalogue), catalogue)
  return past.value === null ? desk.history.back(limit) : desk.history.backAt(amount(past.value, unitOf(catalogue, rule.id, level.severity)), limit)
}

/** What a rule looks at, in a sentence without the parts that only an alert has. */
export const watched = ({ id, text }: Rule): string => say.watches[id] ?? text.replace(/:? …\.?$/, '.').replace(/\bNODE\b/g, say.aNode).replace(/\bSATELLITE\b/g, say.aSatellite).replace(/^./, first => first.toUpperCase())
