/** The label of a number is a button; it opens what the number is, from where, and how old. */

import { signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useRef } from 'preact/hooks'
import { ago, exact } from '../text/times.ts'
import { explanationOf, type Topic } from '../text/explain.ts'
import { isNumber, type Maybe } from '../text/numbers.ts'
import { now } from '../data/store.ts'
import { words } from '../text/words.ts'

interface Asked { title: string; topic: Topic; figures?: string | undefined; at?: Maybe }
const asked = signal<Asked | null>(null)

interface Props {
  topic: Topic
  /** The formula with this node's own numbers. */
  figures?: string | undefined
  /** When the number was read. */
  at?: Maybe
  title?: string
  /** What it is called where nothing stands in it. */
  label?: string
  children?: ComponentChildren
}

export function Q({ topic, figures, at, title, label, children }: Props) {
  const button = useRef<HTMLButtonElement>(null)
  const open = (): void => {
    const element = button.current!
    asked.value = { title: title ?? element.textContent ?? '', topic, figures, at }
    const pop = document.getElementById('why')
    if (!pop) return
    place(element, pop)
    pop.showPopover()
  }
  return (
    <button class="q" type="button" ref={button} onClick={open} aria-haspopup="dialog" aria-label={label}>
      {children}
    </button>
  )
}

const WIDTH = 384
const GAP = 8

/** Beside its button, inside the window. */
export function place(button: HTMLElement, pop: HTMLElement): void {
  const box = button.getBoundingClientRect()
  pop.style.left = `${Math.max(GAP, Math.min(box.left, innerWidth - WIDTH - 3 * GAP))}px`
  const above = box.bottom > innerHeight * 0.6
  pop.style.top = above ? 'auto' : `${box.bottom + GAP}px`
  pop.style.bottom = above ? `${innerHeight - box.top + GAP}px` : 'auto'
  pop.style.right = 'auto'
  pop.style.maxHeight = `${(above ? box.top : innerHeight - box.bottom) - 2 * GAP}px`
}

/** Stands once in the page. */
export function Why() {
  const shown = asked.value
  return (
    <div popover="auto" id="why" role="dialog" aria-label={shown?.title ?? words.why.what}>
      {shown && <Reasons {...shown} />}
    </div>
  )
}

function Reasons({ title, topic, figures, at }: Asked) {
  const { what, source, limit } = explanationOf(topic)
  const rows: [string, ComponentChildren][] = [
    [words.why.what, what],
    [words.why.figures, figures],
    [words.why.source, source],
    [words.why.age, isNumber(at) ? <span title={exact(at)}>{ago(at, now.value)}</span> : null],
    [words.why.limit, limit],
  ]
  return (
    <div class="why">
      <h3>{title}</h3>
      <dl>
        {rows.filter(([, value]) => value).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
