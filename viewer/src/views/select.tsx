/** Which nodes the page speaks of: totals, charts and lists are of what is chosen here. */

import { signal } from '@preact/signals'
import { useEffect, useRef, useState } from 'preact/hooks'
import { byHost, toneOf, type Host, type Node } from '../data/model.ts'
import { calmNow, chosen, nodes, selection } from '../data/store.ts'
import { go, route, to } from '../route.ts'
import { words } from '../text/words.ts'
import { ToneIcon } from '../ui/parts.tsx'

const open = signal(false)
const say = words.fleet.select

/** In the header; a single node leaves nothing to choose. */
export function SelectButton() {
  if (nodes.value.length < 2) return null
  return (
    <button class="btn" type="button" aria-haspopup="dialog" onClick={() => (open.value = true)}>
      {chosenText()} <span class="faint" aria-hidden="true">▾</span>
    </button>
  )
}

/** On the page of a node its name, else what is chosen. */
function chosenText(): string {
  const { page, rest } = route.value
  if (page === 'node' && rest[1]) return rest[1]
  const some = chosen.value.length
  if (some === nodes.value.length) return say.all(some)
  return some === 1 ? chosen.value[0]!.name : say.some(some)
}

export function SelectDialog() {
  return open.value ? <Choice /> : null
}

function Choice() {
  const box = useRef<HTMLDialogElement>(null)
  const [picked, pick] = useState<ReadonlySet<string>>(new Set(selection.value))
  const [search, setSearch] = useState('')
  useEffect(() => box.current?.showModal(), [])
  const close = (): void => {
    open.value = false
  }
  const show = (list: string[]): void => {
    selection.value = list.length === nodes.peek().length ? [] : list
    if (route.peek().page === 'node') go(list.length === 1 ? to.node(list[0]!) : to.overview)
    close()
  }
  const found = nodes.value.filter(node => `${node.name} ${node.agent}`.toLowerCase().includes(search.trim().toLowerCase()))
  return (
    <dialog class="dlg pick" ref={box} onClose={close} aria-labelledby="pick-title">
      <h2 id="pick-title">{say.head}</h2>
      <p class="m soft">{say.body}</p>
      {nodes.value.length >= 10 && <input class="field" type="search" placeholder={words.fleet.findLabel} aria-label={words.fleet.findLabel} value={search} onInput={event => setSearch(event.currentTarget.value)} />}
      <div class="pick-list">{byHost(found, calmNow.peek()).map(host => <HostChoice key={host.agent} host={host} picked={picked} pick={pick} />)}</div>
      <div class="opts right">
        <button class="btn" type="button" onClick={close}>{words.alert.cancel}</button>
        <button class="btn" type="button" onClick={() => show([])}>{say.allButton}</button>
        <button class="btn main" type="button" disabled={picked.size === 0} onClick={() => show([...picked])}>{say.show(picked.size)}</button>
      </div>
    </dialog>
  )
}

interface HostProps { host: Host; picked: ReadonlySet<string>; pick(next: ReadonlySet<string>): void }

/** `keys` in or out of the set. */
function changed(picked: ReadonlySet<string>, keys: string[], on: boolean): ReadonlySet<string> {
  return on ? new Set([...picked, ...keys]) : new Set([...picked].filter(key => !keys.includes(key)))
}

function HostChoice({ host: { agent, nodes: members }, picked, pick }: HostProps) {
  const keys = members.map(node => node.key)
  const all = keys.every(key => picked.has(key))
  return (
    <fieldset>
      <legend>
        <label><input type="checkbox" checked={all} onChange={() => pick(changed(picked, keys, !all))} /> <b>{agent}</b></label>
      </legend>
      {members.map(node => <NodeChoice key={node.key} node={node} on={picked.has(node.key)} set={on => pick(changed(picked, [node.key], on))} />)}
    </fieldset>
  )
}

function NodeChoice({ node, on, set }: { node: Node; on: boolean; set(on: boolean): void }) {
  const tone = toneOf(node.state, calmNow.value)
  return (
    <label>
      <input type="checkbox" checked={on} onChange={() => set(!on)} /> {node.name} {tone !== 'ok' && <><ToneIcon tone={tone} /><span class="vh"> {words.tone[tone]}</span></>}
    </label>
  )
}
