import { expect, test } from 'vitest'
import { happeningsOf, markersOf, meansIn } from '../src/data/marks.ts'
import type { Event } from '../src/data/events.ts'
import { alert, node, NOW } from './made.ts'

const event = (kind: string, severity: string, at = NOW): Event => ({ id: at, node: 'a', at, kind, severity, satellite: '', text: kind })

test('what has a letter, what is a warning, starts and alerts are marked; the rest is not', () => {
  const a = node('a', { started: NOW - 9 }, { alerts: [alert({ since: NOW - 5, text: 'it is broken' })] })
  const events = [event('compaction', 'info'), event('log', 'info'), event('log', 'warning')]
  expect(happeningsOf([a], events).map(one => [one.letter, one.text])).toEqual([['C', 'compaction'], ['!', 'log'], ['R', 'the node started'], ['!', 'it is broken']])
  expect(happeningsOf([a, node('b')], [event('note', 'info')])[0]!.text).toBe('a: note')
})

test('rings that would overlap are one, an alert gives the letter, and what is outside is not shown', () => {
  const at = (share: number, letter: 'U' | '!') => ({ at: share * 1000, letter, text: `${letter}${share}` })
  const markers = markersOf([at(0.51, '!'), at(0.5, 'U'), at(0.9, 'U'), at(1.2, 'U'), at(-1, 'U')], 0, 1000)
  expect(markers.map(one => [one.letter, one.texts])).toEqual([['!', ['U0.5', '!0.51']], ['U', ['U0.9']]])
})

test('before and after: rates added over nodes, shares weighted', () => {
  const names = ['t', 'egress_rate', 'ingress_rate', 'download_success', 'downloads', 'upload_success', 'uploads']
  const one = { step: 600, columns: names, rows: [[0, 1, 2, 100, 30, null, 0], [600, 3, null, 100, 30, 90, 5]] }
  const two = { step: 600, columns: names, rows: [[0, 10, 20, 0, 10, 80, 5]] }
  expect(meansIn([one, two])).toEqual({ out: 7, in: 22, download: 87.5, upload: 85 })
  expect(meansIn([])).toEqual({ out: null, in: null, download: null, upload: null })
})
