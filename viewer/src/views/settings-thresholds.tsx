/** From which number on each rule opens: for all nodes or for one, with the file's value beside. */

import { useEffect, useRef, useState } from 'preact/hooks'
import { connection } from '../data/agent.ts'
import { amount, change, isValid, type Limit, type Settings } from '../data/settings.ts'
import { to } from '../route.ts'
import { desk } from '../text/desk.ts'
import { Scroll, Seg, ToneIcon } from '../ui/parts.tsx'
import { toneOfAlert } from '../data/model.ts'

const say = desk.thresholds
const ALL = ''

interface Known { value: number; file: number; set: 'node' | 'all' | null }

/** What holds for all nodes (`node` empty) or for one. */
function knownOf(settings: Settings, key: string, node: string): Known | null {
  if (node) return settings.thresholds[node]?.[key] ?? null
  const all = settings.all[key]
  return all ? { ...all, set: all.set ? 'all' : null } : null
}

/** Set on this very level: that is what a reset takes away. */
const isOwn = (known: Known, node: string): boolean => known.set === (node ? 'node' : 'all')

export function ThresholdsCard({ settings, chosen }: { settings: Settings; chosen: string | null }) {
  const [node, setNode] = useState(ALL)
  const [text, setText] = useState('')
  const [show, setShow] = useState<'all' | 'changed'>('all')
  const names = Object.keys(settings.thresholds).sort()
  const who = names.includes(node) ? node : ALL
  const changed = settings.rules.filter(({ key }) => knownOf(settings, key, who)?.set)
  const shown = (show === 'changed' && changed.length ? changed : settings.rules)
    .filter(({ key, rule, text: what }) => `${key} ${rule} ${what}`.toLowerCase().includes(text.trim().toLowerCase()))
    .filter(({ key }) => knownOf(settings, key, who))
  return (
    <section class="card w12" id="set-thresholds">
      <header>
        <h2>{say.head}</h2><span class="s faint">{say.below}</span>
        <span class="grow" />
        <div class="tools">
          {names.length > 0 && <select class="field" aria-label={say.who} value={who} onChange={event => setNode(event.currentTarget.value)}><option value={ALL}>{say.all}</option>{names.map(name => <option key={name} value={name}>{name}</option>)}</select>}
          <Seg label={say.show} of={[['all', say.every(settings.rules.length)], ['changed', say.changed(changed.length)]]} value={changed.length ? show : 'all'} set={setShow} />
          <input class="field" type="search" data-find placeholder={say.find} aria-label={say.find} value={text} onInput={event => setText(event.currentTarget.value)} />
        </div>
      </header>
      {shown.length === 0 ? <p class="m soft">{say.none}</p> : <Table rows={shown} settings={settings} node={who} chosen={chosen} />}
    </section>
  )
}

function Table({ rows, settings, node, chosen }: { rows: Limit[]; settings: Settings; node: string; chosen: string | null }) {
  return (
    <Scroll label={say.head}>
      <table class="limits">
        <thead><tr><th scope="col">{say.rule}</th><th scope="col" class="col-m">{say.what}</th><th scope="col">{say.value}</th><th scope="col" class="num">{say.file}</th><th scope="col"><span class="vh">{desk.settings.reset}</span></th></tr></thead>
        <tbody>{rows.map(limit => <Line key={`${node} ${limit.key}`} limit={limit} known={knownOf(settings, limit.key, node)!} node={node} chosen={limit.key === chosen} />)}</tbody>
      </table>
    </Scroll>
  )
}

interface LineProps { limit: Limit; known: Known; node: string; chosen: boolean }

function Line({ limit, known, node, chosen }: LineProps) {
  const field = useRef<HTMLInputElement>(null)
  const [bad, setBad] = useState(false)
  useEffect(() => {
    if (!chosen) return
    field.current?.focus({ preventScroll: true })
    field.current?.scrollIntoView({ block: 'center' })
  }, [chosen])
  const off = connection.phase.value !== 'live'
  const tone = toneOfAlert({ severity: limit.severity })
  const where = node || say.everyNode
  const own = isOwn(known, node)
  const aim = { key: limit.key, ...(node ? { node } : {}) }
  const take = (typed: string): void => {
    const value = Number(typed)
    const fits = typed.trim() !== '' && isValid(limit, value)
    setBad(!fits)
    if (!fits || value === known.value) return
    const undo = { ...aim, value: own ? known.value : null, said: say.saved(limit.key, amount(known.value, limit.unit), where) }
    void change({ ...aim, value }, say.saved(limit.key, amount(value, limit.unit), where), undo)
  }
  return (
    <tr class={known.set ? 'set' : ''}>
      <th scope="row"><ToneIcon tone={tone === 'ok' ? 'info' : tone} /> <a href={`${to.alerts}/rules/${limit.rule}`}>{limit.key}</a><span class="vh">, {limit.severity}</span></th>
      <td class="col-m soft wrap">{limit.text}</td>
      <td>
        <input class="field limit" ref={field} type="number" inputMode="decimal" step="any" min={limit.least} max={limit.most} aria-label={`${limit.key}, ${where}`} aria-invalid={bad} disabled={off} defaultValue={String(known.value)} key={known.value}
          onChange={event => take(event.currentTarget.value)} />{' '}
        <span class="s faint">{limit.unit} {limit.below ? say.under : say.above}</span>
        {bad && <span class="s crit" role="alert"> {say.bad(amount(limit.least, limit.unit), amount(limit.most, limit.unit))}</span>}
        {known.set && <span class="s soft set-by"> {say.set(known.set)}</span>}
      </td>
      <td class="num soft">{amount(known.file, limit.unit)}</td>
      <td class="num">{own && <button class="btn bare" type="button" disabled={off} aria-label={`${desk.settings.reset}: ${limit.key}, ${where}`} onClick={() => void change({ ...aim, value: null }, say.wasReset(limit.key, where), { ...aim, value: known.value, said: say.saved(limit.key, amount(known.value, limit.unit), where) })}>{desk.settings.reset}</button>}</td>
    </tr>
  )
}
