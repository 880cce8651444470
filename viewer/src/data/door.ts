/**
 * How this page reaches its agent: the one that served it, by cookie; the same from inside another site's frame, where
 * browsers keep the cookie back, by a first frame; or one elsewhere, named by `?agent=wss://…`, by its own token.
 */

import { signal, type Signal } from '@preact/signals'
import type { Door } from './connection.ts'

const CLOSE_WRONG_TOKEN = 4401
const CLOSE_THROTTLED = 4429

export type Refusal = 'wrong' | 'throttled' | 'failed'

/** A door that can be unlocked with a token. */
export interface LockedDoor extends Door {
  /** Why the last token that went over the socket was not taken; null while none was refused. */
  readonly refused: Signal<Refusal | null>
  /** The address of an agent elsewhere; null for our own. */
  readonly elsewhere: string | null
  unlock(token: string): Promise<Refusal | null>
}

const STATUS: Record<number, Refusal> = { 401: 'wrong', 403: 'wrong', 429: 'throttled' }

const socketUrl = (path: string): URL => {
  const url = new URL(path, document.baseURI)
  url.protocol = url.protocol.replace('http', 'ws')
  return url
}

/** The agent that served this page, under whatever path a proxy gave it. */
export class OwnDoor implements LockedDoor {
  readonly elsewhere = null
  readonly refused = signal<Refusal | null>(null)
  #token: string | null = null

  open(): WebSocket {
    if (this.#token === null) return new WebSocket(socketUrl('./ws'))
    return proving(socketUrl('./ws?auth=frame'), this.#token, refusal => {
      this.#token = null
      this.refused.value = refusal
    })
  }

  async locked(): Promise<boolean> {
    return this.#token === null && (await this.#status()) === 401
  }

  async unlock(token: string): Promise<Refusal | null> {
    this.refused.value = null
    try {
      const answer = await fetch('./login', { method: 'POST', body: new URLSearchParams({ token }) })
      if (!answer.ok) return STATUS[answer.status] ?? 'failed'
      // inside a frame the cookie does not come back: the token then goes first over the socket, and lasts until reload
      if ((await this.#status()) === 401) this.#token = token
      return null
    } catch {
      return 'failed'
    }
  }

  async #status(): Promise<number> {
    try {
      return (await fetch('./api/session', { cache: 'no-store' })).status
    } catch {
      return 0 // not reachable at all: that is "away"
    }
  }
}

/** An agent elsewhere. Its token is kept by address; a new address is talked to only after the reader said so. */
export class FarDoor implements LockedDoor {
  readonly elsewhere: string
  readonly refused = signal<Refusal | null>(null)
  readonly #url: URL

  constructor(url: URL) {
    this.#url = url
    this.elsewhere = url.href
  }

  /** Null where the address is none that a browser can open a WebSocket to. */
  static to(address: string): FarDoor | null {
    try {
      const url = new URL(address)
      url.protocol = url.protocol.replace('http', 'ws')
      return url.protocol === 'ws:' || url.protocol === 'wss:' ? new FarDoor(url) : null
    } catch {
      return null
    }
  }

  open(): WebSocket {
    return proving(this.#url, this.#token() ?? '', refusal => (this.refused.value = refusal))
  }

  /** Before the first word to a new address, and after a token that is not its. */
  locked(): Promise<boolean> {
    return Promise.resolve(this.refused.peek() !== null || this.#token() === null)
  }

  unlock(token: string): Promise<Refusal | null> {
    this.refused.value = null
    try {
      localStorage.setItem(this.#key, token)
    } catch {
      return Promise.resolve('failed') // without storage there is nowhere to keep it
    }
    return Promise.resolve(null)
  }

  get #key(): string {
    return `token ${this.elsewhere}`
  }

  #token(): string | null {
    try {
      return localStorage.getItem(this.#key)
    } catch {
      return null
    }
  }
}

/** A socket whose first frame is the token; `refused` is called when it was not taken. */
function proving(url: URL, token: string, refused: (refusal: Refusal) => void): WebSocket {
  const socket = new WebSocket(url)
  socket.addEventListener('open', () => socket.send(JSON.stringify({ t: 'auth', token })))
  socket.addEventListener('close', ({ code }) => {
    if (code === CLOSE_WRONG_TOKEN) refused('wrong')
    if (code === CLOSE_THROTTLED) refused('throttled')
  })
  return socket
}

const named = new URLSearchParams(location.search).get('agent')
export const door: LockedDoor = (named ? FarDoor.to(named) : null) ?? new OwnDoor()
