import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Connection, type Sink } from '../src/data/connection.ts'
import { backOff, parse, Sequence } from '../src/data/protocol.ts'

/** Speaks the page's side of a WebSocket; the test is the server. */
class Wire {
  readyState = 0
  sent: { id: number; cmd: string; args: Record<string, unknown> }[] = []
  onopen: (() => void) | null = null
  onmessage: ((event: { data: string }) => void) | null = null
  onclose: (() => void) | null = null
  open(): void {
    this.readyState = 1
    this.onopen?.()
  }
  say(...messages: object[]): void {
    for (const message of messages) this.onmessage?.({ data: JSON.stringify(message) })
  }
  send(frame: string): void {
    this.sent.push(JSON.parse(frame))
  }
  drop(): void {
    this.readyState = 3
    this.onclose?.()
  }
  close(): void {
    this.readyState = 3
  }
}

const HELLO = { t: 'hello', v: 1, server: '1.2.0' }
const SNAPSHOT = { t: 'snapshot', seq: 0, state: { a: 1 } }

let wires: Wire[]
let told: unknown[]
let locked: boolean
let connection: Connection

beforeEach(() => {
  vi.useFakeTimers()
  wires = []
  told = []
  locked = false
  const sink: Sink = {
    snapshot: state => told.push(['snapshot', state]),
    delta: (set, del) => told.push(['delta', set, del]),
    live: message => told.push(['live', message.node]),
    tick: ts => told.push(['tick', ts]),
  }
  connection = new Connection(
    {
      open: () => {
        const wire = new Wire()
        wires.push(wire)
        return wire as unknown as WebSocket
      },
      locked: () => Promise.resolve(locked),
    },
    sink,
  )
})
afterEach(() => {
  connection.stop()
  vi.useRealTimers()
})

function live(): Wire {
  connection.start()
  const wire = wires.at(-1)!
  wire.open()
  wire.say(HELLO, SNAPSHOT)
  return wire
}

test('hello, snapshot, deltas in order', () => {
  const wire = live()
  wire.say({ t: 'delta', seq: 1, set: { a: 2 }, del: [] }, { t: 'delta', seq: 2, set: {}, del: ['a'] })
  expect(connection.phase.value).toBe('live')
  expect(connection.server.value).toBe('1.2.0')
  expect(told).toEqual([['snapshot', { a: 1 }], ['delta', { a: 2 }, []], ['delta', {}, ['a']]])
})

test('a gap in the numbers begins again', () => {
  const wire = live()
  wire.say({ t: 'delta', seq: 2, set: { a: 9 }, del: [] })
  expect(told).toHaveLength(1)
  expect(wires).toHaveLength(2)
})

test('another version of the protocol is refused politely, and not asked again', async () => {
  connection.start()
  wires[0]!.open()
  wires[0]!.say({ ...HELLO, v: 2 }, SNAPSHOT)
  expect(connection.phase.value).toBe('refused')
  await vi.advanceTimersByTimeAsync(60_000)
  expect(wires).toHaveLength(1)
  expect(told).toEqual([])
})

test('25 s of silence end a socket that claims to be open; a tick keeps it', async () => {
  const wire = live()
  await vi.advanceTimersByTimeAsync(20_000)
  wire.say({ t: 'tick', ts: 5 })
  await vi.advanceTimersByTimeAsync(20_000)
  expect(connection.phase.value).toBe('live')
  await vi.advanceTimersByTimeAsync(6_000)
  expect(connection.phase.value).toBe('away')
  await vi.advanceTimersByTimeAsync(2_000)
  expect(wires).toHaveLength(2)
})

test('a lost connection comes back by itself, and late words of the old one are not heard', async () => {
  const old = live()
  old.drop()
  await vi.advanceTimersByTimeAsync(0)
  expect(connection.phase.value).toBe('away')
  expect(connection.retryAt.value).toBeGreaterThan(Date.now())
  await vi.advanceTimersByTimeAsync(2_000)
  const wire = wires[1]!
  wire.open()
  wire.say(HELLO, SNAPSHOT)
  old.say({ t: 'delta', seq: 1, set: { late: 1 }, del: [] })
  expect(connection.phase.value).toBe('live')
  expect(JSON.stringify(told)).not.toContain('late')
})

test('a refused upgrade with 401 behind it asks for the token', async () => {
  locked = true
  connection.start()
  wires[0]!.drop()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(connection.phase.value).toBe('login')
  expect(wires).toHaveLength(1)
})

test('answers find their requests; refusals have a code', async () => {
  const wire = live()
  const first = connection.request('history', { node: 'attic' })
  const second = connection.request('nonsense')
  expect(wire.sent.map(({ cmd, args }) => [cmd, args])).toEqual([['history', { node: 'attic' }], ['nonsense', {}]])
  wire.say({ id: wire.sent[1]!.id, ok: false, error: { code: 'unknown_command', text: 'There is no such command.' } })
  wire.say({ id: wire.sent[0]!.id, ok: true, result: [1] })
  await expect(first).resolves.toEqual([1])
  await expect(second).rejects.toMatchObject({ code: 'unknown_command', message: 'There is no such command.' })
})

test('a request that is never answered fails after 30 s', async () => {
  const wire = live()
  const lost = expect(connection.request('history')).rejects.toMatchObject({ code: 'timeout' })
  for (let at = 0; at < 4; at++) {
    await vi.advanceTimersByTimeAsync(8_000)
    wire.say({ t: 'tick', ts: 1 })
  }
  await lost
})

test('no more than six requests are under way', () => {
  const wire = live()
  for (let at = 0; at < 20; at++) void connection.request('history').catch(() => null)
  expect(wire.sent).toHaveLength(6)
  wire.say({ id: wire.sent[0]!.id, ok: true, result: null })
  expect(wire.sent).toHaveLength(7)
})

test('requests fail when the agent goes away, and when it is away already', async () => {
  const wire = live()
  const lost = expect(connection.request('history')).rejects.toMatchObject({ code: 'away' })
  wire.drop()
  await lost
  await vi.advanceTimersByTimeAsync(0)
  await expect(connection.request('history')).rejects.toMatchObject({ code: 'away' })
})

test('garbage is not a message', () => {
  for (const frame of ['', 'null', '[]', '7', '{', '{}', new ArrayBuffer(2)]) expect(parse(frame)).toBeNull()
  const wire = live()
  wire.say({ t: 'future' }, { id: 999, ok: true })
  expect(connection.phase.value).toBe('live')
})

test('a delta before any snapshot does not follow', () => {
  expect(new Sequence().follows(1)).toBe(false)
})

test('back-off doubles to 30 s and never falls in step', () => {
  expect([0, 1, 2, 3, 4, 5, 9].map(attempt => backOff(attempt, 0.5))).toEqual([1, 2, 4, 8, 16, 30, 30])
  expect(backOff(3, 0)).toBeCloseTo(5.6)
  expect(backOff(3, 1)).toBeCloseTo(10.4)
})
