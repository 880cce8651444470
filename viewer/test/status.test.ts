import { expect, test } from 'vitest'
import { complaintBeside, sentenceOf, sentenceOfNode } from '../src/data/status.ts'
import { DAY } from '../src/text/times.ts'
import { alert, node, NOW, problem } from './made.ts'

const fine = ['attic', 'cellar', 'loft'].map(name => node(name))

test('all well is said in one line, with what makes it well', () => {
  expect(sentenceOf(fine, [], NOW)).toEqual({ tone: 'ok', head: 'Everything is fine. Nothing to do.', below: '3 nodes online; no score near its limit.' })
  const one = node('attic', { started: NOW - 41 * DAY, disk_full_days: 180 })
  expect(sentenceOf([one], [], NOW).below).toBe('attic has been running for 41 days; the disk has room for about 6 months.')
})

test('nothing is called calm that is not known', () => {
  const unread = node('attic', { audit_score: null, suspension_score: null, online_score: null })
  expect(sentenceOf([unread, unread], [], NOW).below).toBe('2 nodes online.')
  const near = node('attic', { online_score: 82 })
  expect(sentenceOf([near, unread], [], NOW).below).toBe('2 nodes online.')
})

test('one problem is named, the others are counted', () => {
  const bad = node('garage', { status: 'critical' }, { alerts: [alert({ text: 'garage is losing pieces' })] })
  expect(sentenceOf([...fine, bad], [], NOW)).toEqual({ tone: 'crit', head: 'garage is losing pieces.', below: 'The other 3 nodes are fine.' })
})

test('an alert that does not name its node gets the name', () => {
  const bad = node('garage', { status: 'warning', status_text: 'Full in 6 days.' })
  expect(sentenceOf([bad], [], NOW).head).toBe('garage: Full in 6 days.')
})

test('many problems: begin with the worst, then the oldest', () => {
  const late = node('d07', { status: 'critical' }, { alerts: [alert({ text: 'its disk is read-only', since: NOW - 10 })] })
  const first = node('d08', { status: 'critical' }, { alerts: [alert({ text: 'its disk is away', since: NOW - 99 })] })
  const warned = node('f03', { status: 'warning', status_text: 'full in 6 days' })
  const said = sentenceOf([...fine, warned, late, first, node('m05', { status: 'unknown' })], [], NOW)
  expect(said.head).toBe('3 of 7 nodes need you. Begin with d08: its disk is away.')
  expect(said.below).toBe('3 are fine, 1 cannot be judged.')
  const named = node('d09', { status: 'critical' }, { alerts: [alert({ text: 'The storage folder of d09 is gone.', since: NOW - 500 })] })
  expect(sentenceOf([warned, named], [], NOW).head).toBe('2 of 2 nodes need you. Begin with d09: the storage folder of d09 is gone.')
  expect(said.tone).toBe('crit')
})

test('a silenced alert is not the headline', () => {
  const bad = node('garage', { status: 'warning', status_text: 'Full in 6 days.' }, { alerts: [alert({ text: 'quiet', silenced_until: NOW + 9 })] })
  expect(sentenceOf([bad], [], NOW).head).toBe('garage: Full in 6 days.')
})

test('what cannot be judged says why', () => {
  const unknown = node('loft', { status: 'unknown', status_text: 'Its API has been silent for 14 min.' })
  expect(sentenceOf([unknown, ...fine.slice(0, 2)], [], NOW)).toEqual({
    tone: 'unk', head: 'loft cannot be judged.', below: 'Its API has been silent for 14 min. The other 2 nodes are fine.',
  })
  const repeating = node('loft', { status: 'unknown', status_text: 'loft cannot be judged: no answer from its API.' })
  expect(sentenceOf([repeating], [], NOW).below).toBe('No answer from its API.')
})

test('maintenance is its own state, unless something is critical', () => {
  const resting = { maintenance_until: NOW + 3600 }
  const said = sentenceOf([node('cellar', resting), ...fine], [], NOW)
  expect(said.tone).toBe('maint')
  expect(said.head).toMatch(/^cellar is in maintenance until /)
  expect(said.below).toBe('Its alerts are silent; the other 3 nodes are fine.')
  expect(sentenceOf([node('cellar', { ...resting, status: 'critical' })], [], NOW).tone).toBe('crit')
  expect(sentenceOf([node('cellar', { maintenance_until: NOW - 1 })], [], NOW).tone).toBe('ok')
})

test('an alert of the agent itself is said when no node has one', () => {
  const own = problem({ rule: 'agent_disk', severity: 'warning', node: null, nodes: [], text: 'the data folder is nearly full' })
  expect(sentenceOf(fine, [own], NOW)).toMatchObject({ tone: 'warn', head: 'nas: the data folder is nearly full.', below: '3 are fine.' })
})

test('the page of a node speaks of that node', () => {
  expect(sentenceOfNode(node('attic'), NOW).head).toBe('attic is fine. Nothing to do.')
})

test('while a log is being read, its numbers are not called those of now', () => {
  const reading = node('attic', { started: NOW - 41 * DAY, disk_full_days: 180, log_behind: 250_000_000 })
  expect(sentenceOfNode(reading, NOW).below).toBe('attic has been running for 41 days; its log is being read, 250 MB to go.')
})

test('beside its name a complaint does not repeat it', () => {
  const bad = node('f03', { status: 'warning', status_text: 'f03 is full in 6 days' })
  expect(complaintBeside(bad, NOW)).toBe('Full in 6 days')
})
