/** The catalogue: what is watched, from which number on, what it costs and what to do. */

import { useEffect, useRef, useState } from 'preact/hooks'
import type { Level, Rule } from '../data/alerts.ts'
import { useCatalogue, type Catalogue } from '../data/desk.ts'
import { toneOfAlert, type Problem } from '../data/model.ts'
import { to } from '../route.ts'
import { clears, current, fires, watched } from '../text/rules.ts'
import { desk } from '../text/desk.ts'
import { words } from '../text/words.ts'
import { Seg, Skeleton, ToneIcon } from '../ui/parts.tsx'

const say = desk.rules
const SCOPES = ['all', 'node', 'satellite', 'agent'] as const
type Scope = (typeof SCOPES)[number]

/** `chosen`: the rule that the address names. */
export function Rules({ text, chosen, open }: { text: string; chosen: string | null; open: Problem[] }) {
  const catalogue = useCatalogue()
  const [scope, setScope] = useState<Scope>('all')
  const rules = [...catalogue.rules.values()]
  if (rules.length === 0) return catalogue.error ? <p class="m soft" role="status">{say.cannot(catalogue.error)}</p> : <Skeleton lines={5} />
  const fits = (rule: Rule): boolean => `${rule.id} ${watched(rule)} ${rule.cost} ${rule.next_step}`.toLowerCase().includes(text.trim().toLowerCase())
  const shown = rules.filter(rule => (scope === 'all' || rule.scope === scope) && fits(rule))
  return (
    <section class="card rules">
      <header>
        <h2>{say.head}</h2><span class="s faint">{say.below(shown.length)}</span>
        <span class="grow" />
        <Seg label={say.scopeLabel} of={SCOPES.map(one => [one, say.scope[one]!] as const)} value={scope} set={setScope} />
      </header>
      {shown.length === 0 && <p class="m soft">{say.none}</p>}
      {shown.map(rule => <Entry key={rule.id} rule={rule} catalogue={catalogue} chosen={rule.id === chosen} open={open.filter(one => one.rule === rule.id).length} />)}
    </section>
  )
}

function Entry({ rule, catalogue, chosen, open }: { rule: Rule; catalogue: Catalogue; chosen: boolean; open: number }) {
  const box = useRef<HTMLDetailsElement>(null)
  useEffect(() => {
    if (!chosen || !box.current) return
    box.current.open = true
    box.current.scrollIntoView({ block: 'center' })
    box.current.querySelector('summary')?.focus({ preventScroll: true })
  }, [chosen])
  const worst = rule.levels.at(-1)!
  const tone = toneOfAlert({ severity: worst.severity })
  return (
    <details ref={box} data-row>
      <summary>
        <ToneIcon tone={tone === 'ok' ? 'info' : tone} /><span class="vh">{say.severity}: {worst.severity}</span>
        <b>{rule.id}</b> <span class="soft">{watched(rule)}</span>
        {open > 0 && <span class="chip">{say.open(open)}</span>}
      </summary>
      <div class="rule">
        <Ladder rule={rule} catalogue={catalogue} />
        <dl>
          {rule.cost && <><dt>{say.cost}</dt><dd>{rule.cost}</dd></>}
          <dt>{say.next}</dt><dd>{rule.next_step}</dd>
        </dl>
        {rule.link.startsWith('https://') && <p class="m"><a href={rule.link} target="_blank" rel="noopener noreferrer">{say.link}</a></p>}
      </div>
    </details>
  )
}

function Ladder({ rule, catalogue }: { rule: Rule; catalogue: Catalogue }) {
  const counted = rule.levels.map(({ severity }) => catalogue.limits.get(`${rule.id} ${severity}`)?.text).find(Boolean)
  return (
    <table>
      {counted && <caption class="m soft">{counted}</caption>}
      <thead><tr><th scope="col">{say.severity}</th><th scope="col">{say.fires}</th><th scope="col">{say.lets}</th><th scope="col"><span class="vh">{say.limit}</span></th></tr></thead>
      <tbody>{rule.levels.map((level, at) => <Step key={at} rule={rule} level={level} catalogue={catalogue} />)}</tbody>
    </table>
  )
}

function Step({ rule, level, catalogue }: { rule: Rule; level: Level; catalogue: Catalogue }) {
  const tone = toneOfAlert({ severity: level.severity })
  const now = current(rule, level, catalogue)
  return (
    <tr>
      <th scope="row"><ToneIcon tone={tone === 'ok' ? 'info' : tone} /> {desk.routes.severities[level.severity] ?? level.severity}</th>
      <td class="wrap">{fires(rule, now, catalogue)}{now.fire !== level.fire && <span class="faint"> · {say.own(fires(rule, level, catalogue))}</span>}</td>
      <td class="wrap">{clears(rule, now, catalogue)}</td>
      <td class="num">{level.threshold && <a href={`${to.settings}/thresholds/${level.threshold}`} aria-label={`${say.change}: ${rule.id}, ${level.severity}`}>{words.pages.settings}</a>}</td>
    </tr>
  )
}
