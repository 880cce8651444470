/** The first line of the page: is everything fine? Pure. */

import { duration, roughly, clock, day, DAY } from '../text/times.ts'
import { isNumber, least, size } from '../text/numbers.ts'
import { words, stop } from '../text/words.ts'
import { isBehind, isUrgent, SCORES, toneOf, toneOfAlert, toneOfScore, worse, worst, type Node, type Problem, type Tone } from './model.ts'

export interface Sentence {
  tone: Tone
  head: string
  below: string
}

const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)
/** Parts as one sentence; `named` begins with a name, which stays as it is written. */
const phrase = (parts: string[], named = false): string => {
  const text = parts.filter(Boolean).join('; ')
  return text ? stop(named ? text : text.charAt(0).toUpperCase() + text.slice(1)) : ''
}
const name = (node: Node): string => node.name

/** The worst thing said of a node: its first urgent alert, else its own sentence. */
export function complaint(node: Node, now: number): string {
  return node.alerts.find(alert => isUrgent(alert, now))?.text ?? node.state.status_text ?? words.tone[toneOf(node.state, now)]
}

/** The same beside the name: "attic is full" reads "Full". */
export function complaintBeside(node: Node, now: number): string {
  const text = complaint(node, now)
  const bare = text.toLowerCase().startsWith(node.name.toLowerCase()) ? text.slice(node.name.length).replace(/^(:| is| has been)?\s+/, '') : text
  return bare.charAt(0).toUpperCase() + bare.slice(1)
}

/** When the disk is full, as exactly as can be known. */
export function fullWhen({ state }: Node, now: number): string | null {
  const days = state.disk_full_days
  if (isNumber(state.disk_used) && isNumber(state.disk_allocated) && state.disk_used >= state.disk_allocated) return words.node.full
  if (!isNumber(days) || days > 3650) return null
  return days > 14 && days < 120 ? words.node.fullOn(day(now + days * DAY)) : words.node.fullIn(roughly(days * DAY))
}

/** What the page's first line says of these nodes and of the alerts of their agents. */
export function sentenceOf(nodes: Node[], problems: Problem[], now: number): Sentence {
  const groups = Object.groupBy(nodes, node => toneOf(node.state, now))
  const need = [...(groups.crit ?? []), ...(groups.warn ?? [])]
  const agent = problems.find(problem => problem.node === null && problem.nodes.length === 0 && isUrgent(problem, now))
  if (need.length === 0 && agent) return ofAgent(agent, nodes, now)
  if (need.length > 1) return ofMany(need, nodes, now)
  if (need.length === 1) return ofOne(need[0]!, nodes, now)
  if (groups.unk?.length) return ofUnknown(groups.unk, nodes, now)
  if (groups.maint?.length) return ofMaintenance(groups.maint, nodes)
  return { tone: 'ok', head: words.say.fine, below: fineBelow(nodes, now) }
}

/** The same for the page of one node. */
export function sentenceOfNode(node: Node, now: number): Sentence {
  const tone = toneOf(node.state, now)
  if (tone === 'ok') return { tone, head: words.say.nodeFine(node.name), below: fineBelow([node], now) }
  return sentenceOf([node], [], now)
}

function ofAgent(problem: Problem, nodes: Node[], now: number): Sentence {
  const tones = nodes.map(node => toneOf(node.state, now))
  const fine = tones.every(tone => tone === 'ok')
  return {
    tone: toneOfAlert(problem),
    head: words.say.agent(problem.agent, problem.text),
    below: fine && nodes.length ? stop(phrase([words.say.some.ok(nodes.length)])) : rest(nodes, [], now),
  }
}

function ofOne(node: Node, nodes: Node[], now: number): Sentence {
  return {
    tone: toneOf(node.state, now),
    head: words.say.problem(node.name, complaint(node, now)),
    below: rest(nodes, [node], now),
  }
}

function ofMany(need: Node[], nodes: Node[], now: number): Sentence {
  const ordered = [...need].sort((a, b) => worse(toneOf(a.state, now), toneOf(b.state, now)) || oldest(a, now) - oldest(b, now))
  const first = ordered[0]!
  return {
    tone: worst(need.map(node => toneOf(node.state, now))),
    head: words.say.need(need.length, nodes.length, first.name, lower(complaintBeside(first, now))),
    below: rest(nodes, need, now),
  }
}

const oldest = (node: Node, now: number): number => node.alerts.find(alert => isUrgent(alert, now))?.since ?? now

function ofUnknown(unknown: Node[], nodes: Node[], now: number): Sentence {
  const said = unknown[0]?.state.status_text?.replace(/^.*cannot be judged: */i, '')
  return {
    tone: 'unk',
    head: words.say.unknown(unknown.map(name).join(', ')),
    below: [said && unknown.length === 1 ? phrase([said]) : '', rest(nodes, unknown, now)].filter(Boolean).join(' '),
  }
}

function ofMaintenance(resting: Node[], nodes: Node[]): Sentence {
  const until = Math.max(...resting.map(node => node.state.maintenance_until ?? 0))
  const others = nodes.length - resting.length
  return {
    tone: 'maint',
    head: words.say.maintenance(resting.map(name).join(', '), clock(until)),
    below: phrase([words.say.maintenanceBelow, others ? lower(words.say.othersFine(others)) : '']).replace('..', '.'),
  }
}

/** How the nodes are that the head does not speak of. */
function rest(nodes: Node[], spoken: Node[], now: number): string {
  const others = nodes.filter(node => !spoken.includes(node))
  const groups = Object.groupBy(others, node => toneOf(node.state, now))
  const fine = groups.ok?.length ?? 0
  if (fine === others.length) return words.say.othersFine(fine)
  return phrase([
    [
      fine ? words.say.some.ok(fine) : '',
      groups.maint?.length ? words.say.some.maint(groups.maint.length) : '',
      groups.unk?.length ? words.say.some.unk(groups.unk.length) : '',
    ].filter(Boolean).join(', '),
  ])
}

function fineBelow(nodes: Node[], now: number): string {
  const days = least(nodes.map(node => node.state.disk_full_days))
  const room = isNumber(days) && days < 5 * 365 ? words.say.room(roughly(days * DAY)) : ''
  const only = nodes.length === 1 ? nodes[0]! : null
  const started = only?.state.started
  if (only && isNumber(started)) {
    const ran = now - started
    const reading = isBehind(only) ? words.say.behind(size(only.state.log_behind)) : ''
    return phrase([words.say.fineSince(only.name, ran < 2 * DAY ? duration(ran) : roughly(ran)), reading || room], true)
  }
  return phrase([words.say.nodesOnline(nodes.filter(node => node.state.online).length), calmScores(nodes) ? words.say.noScoreNear : ''])
}

function calmScores(nodes: Node[]): boolean {
  const known = nodes.flatMap(node => SCORES.map(row => [row, node.state[row.key]] as const)).filter(([, value]) => isNumber(value))
  return known.length > 0 && known.every(([row, value]) => toneOfScore(row, value) === 'ok')
}
