/** Dialogs, one at a time: the title is the question, the main button repeats the verb and the amount. */

import { signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { words } from '../text/words.ts'
import { Seg } from './parts.tsx'

type Body = (close: () => void) => ComponentChildren
const shown = signal<Body | null>(null)

/** Shows a `Modal`; `close` takes away this dialog, never the one that came after it. */
export const showDialog = (body: Body): void => {
  shown.value = body
}

export function Dialog() {
  const body = shown.value
  return body && <>{body(() => shown.peek() === body && (shown.value = null))}</>
}

interface Frame { title: string; close(): void; wide?: boolean; children: ComponentChildren }

/** The native dialog: Escape ends it, and the focus goes back to where it was, also after a button of its own. */
export function Modal({ title, close, wide = false, children }: Frame) {
  const box = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => {
    const dialog = box.current!
    dialog.showModal()
    return () => dialog.close()
  }, [])
  return (
    <dialog class={`dlg ${wide ? 'pick' : ''}`} ref={box} onClose={close} aria-labelledby="dlg-title">
      <h2 id="dlg-title">{title}</h2>
      {children}
    </dialog>
  )
}

interface Question { title: string; body: ComponentChildren; choices: readonly (readonly [string, string])[]; first: string; main(choice: string): string; done(choice: string): void }

export const askUser = (asked: Question): void => showDialog(close => <Choice key={asked.title} {...asked} close={close} />)

function Choice({ title, body, choices, first, main, done, close }: Question & { close(): void }) {
  const [choice, choose] = useState(first)
  const act = (): void => {
    close()
    done(choice)
  }
  return (
    <Modal title={title} close={close}>
      <p class="m soft">{body}</p>
      <div class="opts"><Seg label={title} of={choices} value={choice} set={choose} /></div>
      <div class="opts right">
        <button class="btn" type="button" onClick={close}>{words.alert.cancel}</button>
        <button class="btn main" type="button" onClick={act}>{main(choice)}</button>
      </div>
    </Modal>
  )
}
