/** From which number on each rule opens: for all nodes or for one, with the file's value beside what was changed. */

import { useEffect, useRef, useState } from 'preact/hooks'
import { connection } from '../data/agent.ts'
import { toneOfAlert } from '../data/model.ts'
import { amount, change, isValid, type Limit, type Settings } from '../data/settings.ts'
import { to } from '../route.ts'
import { desk } from '../text/desk.ts'
import { Seg, ToneIcon } from '../ui/parts.tsx'

const say = desk.thresholds
const ALL = ''

interface Known { value: number; file: number; set: 'node' | 'all' | null }

/** What holds for all nodes (`node` empty) or for one; null where a number is not of nodes. */
function knownOf(settings: Settings, key: string, node: string): Known | null {
  if (node) return settings.thresholds[node]?.[key] ?? null
  const all = settings.all[key]
  return all ? { ...all, set: all.set ? 'all' : null } : null
}

interface Row { limit: Limit; known: Known }

export function ThresholdsCard({ settings, chosen }: { settings: Settings; chosen: string | null }) {
  const [node, setNode] = useState(ALL)
  const [text, setText] = useState('')
  const [show, setShow] = useState<'all' | 'changed'>('all')
  const names = Object.keys(settings.thresholds).sort()
  const who = names.includes(node) ? node : ALL
  const rows = settings.rules.flatMap((limit): Row[] => {
    const known = knownOf(settings, limit.key, who)
    return known ? [{ limit, known }] : []
  })
  const rules = [...Map.groupBy(rows, ({ limit }) => limit.rule).values()]
  const changed = rules.filter(levels => levels.some(({ known }) => known.set))
  const shown = (show === 'changed' && changed.length ? changed : rules)
    .filter(levels => levels.map(({ limit }) => `${limit.key} ${limit.text}`).join(' ').toLowerCase().includes(text.trim().toLowerCase()))
  return (
    <section class="card w12" id="set-thresholds">
      <header>
        <h2>{say.head}</h2><span class="s faint">{say.below}</span>
        <span class="grow" />
        <div class="tools">
          {names.length > 0 && <select class="field" aria-label={say.who} value={who} onChange={event => setNode(event.currentTarget.value)}><option value={ALL}>{say.all}</option>{names.map(name => <option key={name} value={name}>{name}</option>)}</select>}
          <Seg label={say.show} of={[['all', say.every(rules.length)], ['changed', say.changed(changed.length)]]} value={changed.length ? show : 'all'} set={setShow} />
          <input class="field" type="search" data-find placeholder={say.find} aria-label={say.find} value={text} onInput={event => setText(event.currentTarget.value)} />
        </div>
      </header>
      {shown.length === 0 && <p class="m soft">{say.none}</p>}
      <ul class="limits">{shown.map(levels => <Rule key={levels[0]!.limit.rule} levels={levels} node={who} chosen={chosen} />)}</ul>
    </section>
  )
}

function Rule({ levels, node, chosen }: { levels: Row[]; node: string; chosen: string | null }) {
  const { rule, text } = levels[0]!.limit
  return (
    <li data-row>
      <h3><a href={`${to.alerts}/rules/${rule}`}>{rule}</a></h3>
      <p class="m soft">{text}</p>
      {levels.map(({ limit, known }) => <Level key={`${node} ${limit.key}`} limit={limit} known={known} node={node} chosen={limit.key === chosen} />)}
    </li>
  )
}

interface LevelProps extends Row { node: string; chosen: boolean }

function Level({ limit, known, node, chosen }: LevelProps) {
  const field = useRef<HTMLInputElement>(null)
  const [bad, setBad] = useState(false)
  useEffect(() => {
    if (!chosen) return
    field.current?.focus({ preventScroll: true })
    field.current?.scrollIntoView({ block: 'center' })
  }, [chosen])
  const where = node || say.everyNode
  const take = (typed: string): void => {
    const value = Number(typed)
    const fits = typed.trim() !== '' && isValid(limit, value)
    setBad(!fits)
    if (fits && value !== known.value) save(limit, known, node, value)
  }
  const tone = toneOfAlert({ severity: limit.severity })
  return (
    <div class={`level ${limit.severity} ${known.set ? 'set' : ''}`}>
      <ToneIcon tone={tone === 'ok' ? 'info' : tone} />
      <span class="soft" title={limit.below ? say.under : say.above} aria-hidden="true">{limit.below ? '≤' : '≥'}</span>
      <input class="field" ref={field} type="number" inputMode="decimal" step="any" min={limit.least} max={limit.most} aria-label={say.label(limit.rule, limit.severity, limit.below, where)} aria-invalid={bad} disabled={connection.phase.value !== 'live'}
        defaultValue={String(known.value)} key={known.value} onChange={event => take(event.currentTarget.value)} />
      <span class="s soft">{limit.unit}</span>
      {(bad || known.set) && <Beside limit={limit} known={known} node={node} bad={bad} />}
    </div>
  )
}

/** Set on this very level: that is what a reset takes away. */
const isOwn = (known: Known, node: string): boolean => known.set === (node ? 'node' : 'all')

const aimOf = (limit: Limit, node: string) => ({ key: limit.key, ...(node ? { node } : {}) })

function save(limit: Limit, known: Known, node: string, value: number | null): void {
  const where = node || say.everyNode
  const said = (to: number | null): string => (to === null ? say.wasReset(limit.key, where) : say.saved(limit.key, amount(to, limit.unit), where))
  const before = isOwn(known, node) ? known.value : null
  void change({ ...aimOf(limit, node), value }, said(value), { ...aimOf(limit, node), value: before, said: said(before) })
}

function Beside({ limit, known, node, bad }: Row & { node: string; bad: boolean }) {
  if (bad) return <p class="s crit" role="alert">{say.bad(amount(limit.least, limit.unit), amount(limit.most, limit.unit))}</p>
  const off = connection.phase.value !== 'live'
  const name = `${desk.settings.reset}: ${limit.key}, ${node || say.everyNode}`
  return (
    <p class="s faint">
      {desk.settings.file(amount(known.file, limit.unit))}{' '}
      {isOwn(known, node) ? <button class="link" type="button" disabled={off} aria-label={name} onClick={() => save(limit, known, node, null)}>{desk.settings.reset}</button> : say.set[known.set!]}
    </p>
  )
}
