/** One WebSocket that comes back by itself, and requests over it. */

import { signal } from '@preact/signals'
import { words } from '../text/words.ts'
import { backOff, isAnswer, parse, PROTOCOL, RequestError, Sequence, type Answer, type Live, type Message, type Topics } from './protocol.ts'

const SILENCE = 25_000 // a dead socket stays "open": the server ticks every 10 s
const REQUEST = 25_000
const AT_ONCE = 6 // the server takes 8

export type Phase = 'connecting' | 'live' | 'away' | 'login' | 'refused'

/** What the connection hands on. */
export interface Sink {
  snapshot(state: Topics): void
  delta(set: Topics, del: string[]): void
  live(message: Live): void
  /** The server's clock, epoch seconds. */
  tick(ts: number): void
}

interface Waiting {
  frame: string
  id: number
  resolve(value: unknown): void
  reject(reason: RequestError): void
  timer?: ReturnType<typeof setTimeout>
}

/** How to reach the agent; tests bring their own. */
export interface Door {
  open(): WebSocket
  /** True when the agent wants a token first. */
  locked(): Promise<boolean>
}

export class Connection {
  readonly phase = signal<Phase>('connecting')
  /** When the next attempt begins, epoch ms; null while connected. */
  readonly retryAt = signal<number | null>(null)
  /** When anything was last heard, epoch ms. */
  readonly heardAt = signal<number | null>(null)
  readonly server = signal('')
  /** The name of the agent that we talk to; empty for agents that do not say it. */
  readonly agent = signal('')

  readonly #door: Door
  readonly #sink: Sink
  readonly #sequence = new Sequence()
  readonly #sent = new Map<number, Waiting>()
  #queue: Waiting[] = []
  #socket: WebSocket | null = null
  #attempt = 0
  #lastId = 0
  #silence: ReturnType<typeof setTimeout> | undefined
  #retry: ReturnType<typeof setTimeout> | undefined

  constructor(door: Door, sink: Sink) {
    this.#door = door
    this.#sink = sink
  }

  start(): void {
    clearTimeout(this.#retry)
    this.retryAt.value = null
    const socket = (this.#socket = this.#door.open())
    let heard = false
    socket.onmessage = event => {
      heard = true
      if (socket === this.#socket) this.#take(event.data)
    }
    socket.onclose = () => socket === this.#socket && void this.#lost(heard)
    this.#listen()
  }

  stop(): void {
    const socket = this.#socket
    this.#socket = null
    clearTimeout(this.#silence)
    clearTimeout(this.#retry)
    socket?.close()
    this.#failAll()
  }

  /** Try again now, whatever the back-off says. */
  again(): void {
    this.stop()
    this.#attempt = 0
    this.start()
  }

  /** Ask the agent; rejects with RequestError. Waits its turn: the server takes few at a time. */
  request<T>(cmd: string, args: Record<string, unknown> = {}): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.phase.value !== 'live') return reject(new RequestError('away', words.connection.isAway))
      const id = ++this.#lastId
      this.#queue.push({ id, frame: JSON.stringify({ id, cmd, args }), resolve: resolve as (value: unknown) => void, reject })
      this.#pump()
    })
  }

  #pump(): void {
    while (this.#sent.size < AT_ONCE && this.#queue.length && this.#socket?.readyState === 1) {
      const next = this.#queue.shift()!
      next.timer = setTimeout(() => this.#expire(next.id), REQUEST)
      this.#sent.set(next.id, next)
      this.#socket.send(next.frame)
    }
  }

  #expire(id: number): void {
    this.#answer({ id, ok: false, error: { code: 'timeout', text: words.connection.late } })
  }

  #answer(answer: Answer): void {
    const waiting = this.#sent.get(answer.id)
    if (!waiting) return
    this.#sent.delete(answer.id)
    clearTimeout(waiting.timer)
    if (answer.ok) waiting.resolve(answer.result)
    else waiting.reject(new RequestError(answer.error?.code ?? 'internal', answer.error?.text ?? words.connection.refused))
    this.#pump()
  }

  #take(frame: unknown): void {
    this.#listen()
    this.heardAt.value = Date.now()
    const message = parse(frame)
    if (!message) return
    if (isAnswer(message)) this.#answer(message)
    else this.#HANDLERS[message.t]?.(message as never)
  }

  readonly #HANDLERS: { [T in Message['t']]: (message: Extract<Message, { t: T }>) => void } = {
    hello: message => {
      this.server.value = message.server
      this.agent.value = message.agent ?? ''
      if (message.v === PROTOCOL) return
      this.stop()
      this.phase.value = 'refused'
    },
    snapshot: message => {
      this.#sequence.snapshot(message.seq)
      this.#attempt = 0
      this.#sink.snapshot(message.state)
      this.phase.value = 'live'
    },
    delta: message => {
      if (this.#sequence.follows(message.seq)) this.#sink.delta(message.set, message.del)
      else this.again()
    },
    live: message => this.#sink.live(message),
    tick: message => this.#sink.tick(message.ts),
  }

  #listen(): void {
    clearTimeout(this.#silence)
    this.#silence = setTimeout(() => this.#silent(), SILENCE)
  }

  #silent(): void {
    const socket = this.#socket
    this.#socket = null
    socket?.close()
    void this.#lost(true)
  }

  async #lost(heard: boolean): Promise<void> {
    this.#socket = null
    clearTimeout(this.#silence)
    this.#failAll()
    if (!heard && (await this.#door.locked())) {
      this.phase.value = 'login'
      return
    }
    this.phase.value = 'away'
    const seconds = backOff(this.#attempt++, Math.random())
    this.retryAt.value = Date.now() + seconds * 1000
    this.#retry = setTimeout(() => this.start(), seconds * 1000)
  }

  #failAll(): void {
    const lost = [...this.#sent.values(), ...this.#queue]
    this.#sent.clear()
    this.#queue = []
    for (const waiting of lost) {
      clearTimeout(waiting.timer)
      waiting.reject(new RequestError('away', words.connection.wentAway))
    }
  }
}
