/** What the log says, by template: how often, since when. Text from logs is text, nothing else. */

import { ask, nodeArgs } from '../data/agent.ts'
import type { Node } from '../data/model.ts'
import { useResource } from '../data/resource.ts'
import { csv } from '../data/series.ts'
import { calmNow } from '../data/store.ts'
import { count } from '../text/numbers.ts'
import { exact, since } from '../text/times.ts'
import { words } from '../text/words.ts'
import { Scroll, download } from '../ui/parts.tsx'

interface Template { level: string; logger: string; text: string; n: number; first_at: number; last_at: number }

const LEVELS: Record<string, string> = { FATAL: 'crit', PANIC: 'crit', ERROR: 'crit', WARN: 'warn' }
const RANK = ['PANIC', 'FATAL', 'ERROR', 'WARN', 'INFO', 'DEBUG']
const READ = 60
const SHOWN = 12
const say = words.templates

/** Worst level first, then the most frequent. */
export const worstTemplates = (list: Template[]): Template[] =>
  [...list].sort((a, b) => rank(a.level) - rank(b.level) || b.n - a.n)
const rank = (level: string): number => (RANK.indexOf(level) + RANK.length + 1) % (RANK.length + 1)

/** Left out where the agent counts none. */
export function TemplatesCard({ node, wide }: { node: Node; wide: string }) {
  const answer = useResource(`top ${node.key}`, 120, () => ask<Template[]>('top', { ...nodeArgs(node), limit: READ }))
  const all = worstTemplates(Array.isArray(answer.value) ? answer.value : [])
  if (all.length === 0) return null
  const save = (): void =>
    download(words.csvName(`log-${node.name}`), csv(['level', 'logger', 'text', 'count', 'first', 'last'], all.map(row => [row.level, row.logger, row.text, row.n, row.first_at, row.last_at])))
  return (
    <section class={`card ${wide}`}>
      <header>
        <h2>{say.head}</h2>
        <span class="s faint">{say.below}</span>
        <span class="grow" />
        <button class="btn bare" type="button" onClick={save}>{words.chart.csv}</button>
      </header>
      <Scroll label={say.head}>
        <table>
          <thead><tr><th scope="col">{say.level}</th><th scope="col">{say.text}</th><th scope="col" class="num">{say.count}</th><th scope="col" class="num">{say.last}</th></tr></thead>
          <tbody>{all.slice(0, SHOWN).map(row => <Row key={`${row.level} ${row.logger} ${row.text}`} row={row} />)}</tbody>
        </table>
      </Scroll>
    </section>
  )
}

function Row({ row }: { row: Template }) {
  return (
    <tr>
      <td class={`mono s ${LEVELS[row.level] ?? 'faint'}`}>{row.level}</td>
      <th scope="row" class="wrap"><span class="mono s">{row.text}</span> <span class="s faint">{row.logger}</span></th>
      <td class="num">{count(row.n)}</td>
      <td class="num nb faint" title={exact(row.last_at)}>{since(row.last_at, calmNow.value)}</td>
    </tr>
  )
}
