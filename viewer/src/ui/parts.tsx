/** Small parts: choice, age, direction, tone, messages. */

import { signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import type { Tone } from '../data/model.ts'
import { now } from '../data/store.ts'
import { DASH, isNumber, rates, type Maybe } from '../text/numbers.ts'
import { age, ago, exact } from '../text/times.ts'
import { words } from '../text/words.ts'
import { Icon } from './icons.tsx'

/** One of a few: pressed buttons in a row. */
export function Seg<T extends string>(props: { label: string; of: readonly (readonly [T, string])[]; value: NoInfer<T>; set: (value: NoInfer<T>) => void }) {
  return (
    <div class="seg" role="group" aria-label={props.label}>
      {props.of.map(([value, text]) => (
        <button type="button" key={value} aria-pressed={value === props.value} onClick={() => props.set(value)}>
          {text}
        </button>
      ))}
    </div>
  )
}

/** `4 s ago`, exact on hover; `bare`: `4 s`, under a head that says what it is. */
export function Age({ at, none = DASH, bare = false }: { at: Maybe; none?: string; bare?: boolean }) {
  if (!isNumber(at)) return <span>{none}</span>
  return (
    <time dateTime={new Date(at * 1000).toISOString()} title={exact(at)}>
      {bare ? age(at, now.value) : ago(at, now.value)}
    </time>
  )
}

/** Out and in, with arrow, colour and word. */
export function Rates({ out, inward }: { out: Maybe; inward: Maybe }) {
  const { texts, unit } = rates([out, inward])
  return (
    <span class="v two" title={words.node.nowTitle}>
      <span>
        <Icon name="up" tone="c-out" />
        <span class="vh">{words.chart.outShort} </span> {texts[0]}
      </span>
      <span>
        <Icon name="down" tone="c-in" />
        <span class="vh">{words.chart.inShort} </span> {texts[1]}
      </span>{' '}
      <small>{unit}</small>
    </span>
  )
}

export function ToneIcon({ tone }: { tone: Tone | 'away' | 'info' }) {
  return <Icon name={tone} tone={tone} />
}

/** What may be wider than the screen: it scrolls by itself, by keyboard too. */
export function Scroll({ label, children }: { label: string; children: ComponentChildren }) {
  return <div class="scroll" tabIndex={0} role="region" aria-label={label}>{children}</div>
}

/** Drawn anew only when what it is made of is another: most nodes stand still while one changes. */
export function Same({ of, children }: { of: unknown[]; children: () => ComponentChildren }) {
  return <>{useMemo(children, of)}</>
}

/** Shown only after 200 ms, so that quick answers do not flicker. */
export function Later({ children }: { children: ComponentChildren }) {
  const [show, setShow] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setShow(true), 200)
    return () => clearTimeout(timer)
  }, [])
  return show ? <>{children}</> : null
}

const LONGEST = 25_000 // ms

/** In place of what is on its way; never longer than 25 s: then a sentence says so. */
function Waiting({ children }: { children: ComponentChildren }) {
  const [late, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), LONGEST)
    return () => clearTimeout(timer)
  }, [])
  return late ? <p class="m soft" role="status">{words.late}</p> : <Later><div class="stack" role="status" aria-label={words.loading}>{children}</div></Later>
}

export function Skeleton({ lines = 2 }: { lines?: number }) {
  return (
    <Waiting>
      <div class="sk a" />
      {Array.from({ length: lines }, (_, index) => <div class="sk c" key={index} />)}
    </Waiting>
  )
}

const times = (n: number, make: (index: number) => ComponentChildren) => Array.from({ length: n }, (_, index) => make(index))

/** The overview's shape: sentence, totals, cards. */
export function PageSkeleton() {
  return (
    <Waiting>
      <div class="sk-head"><div class="sk" /></div>
      <div class="card band">{times(6, index => <div class="stat" key={index}><div class="sk b" /><div class="sk a gap3" /></div>)}</div>
      <div class="nodes">{times(4, index => <div class="card stack" key={index}><div class="sk a" /><div class="sk c" /><div class="sk b" /><div class="sk c" /></div>)}</div>
    </Waiting>
  )
}

/** What can be done about it: take it back, or reload. */
export interface Action { name: string; act(): void }
interface Note { text: string; action?: Action | undefined }
const note = signal<Note | null>(null)
let noteTimer: ReturnType<typeof setTimeout> | undefined

/** Says what happened, with a way back where there is one. */
export function toast(text: string, action?: Action, seconds = 6): void {
  note.value = { text, action }
  clearTimeout(noteTimer)
  noteTimer = setTimeout(() => (note.value = null), seconds * 1000)
}

/** Takes back what is said: its `Undo` would be that of what was done before. */
export const untoast = (): void => void (note.value = null)

export function Toast() {
  const shown = note.value
  const act = (): void => {
    note.value = null
    shown?.action?.act()
  }
  return (
    <div class="toasts" role="status">
      {shown && (
        <span class="toast">
          {shown.text} {shown.action && <button type="button" onClick={act}>{shown.action.name}</button>}
        </span>
      )}
    </div>
  )
}

/** Hands a file to the browser; nothing leaves the page. */
export function download(name: string, text: string, type = 'text/csv'): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }))
  const link = Object.assign(document.createElement('a'), { href: url, download: name })
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 1000)
}
