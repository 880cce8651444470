import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { FarDoor, OwnDoor } from '../src/data/door.ts'

const made: { url: string; sent: string[]; fire(type: string, event?: object): void }[] = []

class Socket {
  sent: string[] = []
  url: string
  #listeners: [string, (event: object) => void][] = []
  constructor(url: URL) {
    this.url = String(url)
    made.push(this)
  }
  addEventListener(type: string, listener: (event: object) => void): void {
    this.#listeners.push([type, listener])
  }
  send(frame: string): void {
    this.sent.push(frame)
  }
  fire(type: string, event: object = {}): void {
    for (const [name, listener] of this.#listeners) if (name === type) listener(event)
  }
}

let kept: Map<string, string>
let session: number
let login: number

beforeEach(() => {
  made.length = 0
  kept = new Map()
  session = 200
  login = 204
  vi.stubGlobal('WebSocket', Socket)
  vi.stubGlobal('localStorage', { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => kept.set(key, value) })
  vi.stubGlobal('fetch', (path: string) => Promise.resolve(new Response(null, { status: path === './login' ? login : session })))
})
afterEach(() => vi.unstubAllGlobals())

test('our own agent is reached beside the page, by cookie', async () => {
  const door = new OwnDoor()
  door.open()
  expect(made[0]!.url).toBe('ws://localhost/ws')
  expect(await door.locked()).toBe(false)
  session = 401
  expect(await door.locked()).toBe(true)
})

test('a wrong token is told from too many and from no answer', async () => {
  const door = new OwnDoor()
  login = 401
  expect(await door.unlock('x')).toBe('wrong')
  login = 429
  expect(await door.unlock('x')).toBe('throttled')
  login = 502
  expect(await door.unlock('x')).toBe('failed')
})

test('where the cookie does not come back, the token goes first over the socket, until it is refused', async () => {
  const door = new OwnDoor()
  session = 401
  expect(await door.unlock('secret')).toBeNull()
  door.open()
  made[0]!.fire('open')
  expect([made[0]!.url, made[0]!.sent]).toEqual(['ws://localhost/ws?auth=frame', ['{"t":"auth","token":"secret"}']])
  expect(await door.locked()).toBe(false)
  made[0]!.fire('close', { code: 4401 })
  expect(await door.locked()).toBe(true)
})

test('an agent elsewhere is asked about first, and its token is kept by its address', async () => {
  const door = FarDoor.to('https://nas.example/ws')!
  expect(door.elsewhere).toBe('wss://nas.example/ws')
  expect(await door.locked()).toBe(true)
  expect(made).toHaveLength(0)
  await door.unlock('secret')
  expect(await door.locked()).toBe(false)
  door.open()
  made[0]!.fire('open')
  expect(made[0]!.sent).toEqual(['{"t":"auth","token":"secret"}'])
  expect(await FarDoor.to('wss://other.example/ws')!.locked()).toBe(true)
  made[0]!.fire('close', { code: 4401 })
  expect(await door.locked()).toBe(true)
})

test('what is no address of a WebSocket is no door', () => {
  for (const address of ['', 'nonsense', 'javascript:alert(1)', 'file:///etc/passwd']) expect(FarDoor.to(address)).toBeNull()
})
