/** Which columns of a table are shown: ticked in a small window beside its button, kept in this browser. */

import { useId, useRef } from 'preact/hooks'
import { columnsOf, keepColumns } from '../prefs.ts'
import { words } from '../text/words.ts'
import { place } from './why.tsx'

const say = words.columns

/** `long`: its name without the others beside; `off`: not shown unless it is chosen; `fixed`: names the row, always stands. */
interface Choosable { id: string; name: string; long?: string | undefined; off?: boolean; fixed?: boolean; hide?: 'col-x' | 'col-m' }

/** Those that are shown. What people chose themselves does not go where the window is narrow: the table scrolls then. */
export function shownColumns<C extends Choosable>(table: string, all: C[]): C[] {
  const picked = columnsOf(table)
  if (!picked) return all.filter(({ off }) => !off)
  return all.filter(({ id, fixed }) => fixed || picked.includes(id)).map(({ hide: _, ...column }) => column as C)
}

export const isPicked = (table: string): boolean => columnsOf(table) !== null

interface Props { table: string; all: Choosable[] }

export function ColumnsButton({ table, all }: Props) {
  const id = useId()
  const button = useRef<HTMLButtonElement>(null)
  const shown = new Set(shownColumns(table, all).map(column => column.id))
  const free = all.filter(column => !column.fixed)
  const toggle = (one: string): void => {
    if (!shown.delete(one)) shown.add(one)
    keepColumns(table, free.filter(column => shown.has(column.id)).map(column => column.id))
  }
  const opened = (event: { newState: string; currentTarget: HTMLElement }): void => {
    if (event.newState === 'open') place(button.current!, event.currentTarget)
  }
  return (
    <>
      <button class="btn" type="button" ref={button} popoverTarget={id}>{say.choose}</button>
      <div popover="auto" id={id} class="columns" role="group" aria-label={say.chooseLabel} onBeforeToggle={opened}>
        <ul>{free.map(column => <li key={column.id}><label><input type="checkbox" checked={shown.has(column.id)} onChange={() => toggle(column.id)} /> {column.long ?? column.name}</label></li>)}</ul>
        <p class="m soft">{say.narrow}</p>
        <p class="right-line"><button class="btn bare" type="button" disabled={!isPicked(table)} onClick={() => keepColumns(table, null)}>{say.standard}</button></p>
      </div>
    </>
  )
}
