/** The one dialog: its title is the question, the main button repeats the verb and the amount. */

import { signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { words } from '../text/words.ts'
import { Seg } from './parts.tsx'

interface Question { title: string; body: ComponentChildren; choices: readonly (readonly [string, string])[]; first: string; main(choice: string): string; done(choice: string): void }
const question = signal<Question | null>(null)

export const askUser = (asked: Question): void => {
  question.value = asked
}

export function Dialog() {
  const asked = question.value
  return asked ? <Open key={asked.title} {...asked} /> : null
}

function Open({ title, body, choices, first, main, done }: Question) {
  const box = useRef<HTMLDialogElement>(null)
  const [choice, choose] = useState(first)
  useEffect(() => box.current?.showModal(), [])
  const close = (): void => {
    question.value = null
  }
  const act = (): void => {
    close()
    done(choice)
  }
  return (
    <dialog class="dlg" ref={box} onClose={close} aria-labelledby="dlg-title">
      <h2 id="dlg-title">{title}</h2>
      <p class="m soft">{body}</p>
      <div class="opts"><Seg label={title} of={choices} value={choice} set={choose} /></div>
      <div class="opts right">
        <button class="btn" type="button" onClick={close}>{words.alert.cancel}</button>
        <button class="btn main" type="button" onClick={act}>{main(choice)}</button>
      </div>
    </dialog>
  )
}
