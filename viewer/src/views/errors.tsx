/** What the log says, by template: how often, what it means, what to do. Text from logs is text, nothing else. */

import { useState } from 'preact/hooks'
import { ask, nodeArgs } from '../data/agent.ts'
import type { Node } from '../data/model.ts'
import { useResource } from '../data/resource.ts'
import { csv } from '../data/series.ts'
import { calmNow, now } from '../data/store.ts'
import { count, isNumber } from '../text/numbers.ts'
import { DAY, exact, since } from '../text/times.ts'
import { words } from '../text/words.ts'
import { Scroll, Seg, Skeleton, download } from '../ui/parts.tsx'

/** `severity` null: no row of the catalogue knows it; times only of those since ever. */
export interface Template {
  level: string; logger: string; text: string; n: number; first_at?: number; last_at?: number
  meaning?: string | null; next_step?: string | null; cause?: string | null; benign?: boolean; severity?: string | null
  /** It may be harmless by its error, which is not known here. */
  depends?: boolean
}

const LEVELS: Record<string, string> = { FATAL: 'crit', PANIC: 'crit', ERROR: 'crit', WARN: 'warn' }
const RANK = ['PANIC', 'FATAL', 'ERROR', 'WARN', 'INFO', 'DEBUG']
const WEIGHT = ['critical', 'warning', 'info']
const READ = 60
const SHOWN = 10
const say = words.templates
const SPANS = [['all', say.ever], ['1', '24 h'], ['7', '7 d'], ['30', '30 d']] as const

/** What is worth a look, then what only looks bad, then the rest; by weight, by level, the most frequent first. */
export const worstTemplates = (list: Template[]): Template[] =>
  [...list].sort((a, b) => rankOf(a) - rankOf(b) || place(WEIGHT, a.severity ?? 'warning') - place(WEIGHT, b.severity ?? 'warning') || place(RANK, a.level) - place(RANK, b.level) || b.n - a.n)

function rankOf({ level, benign, severity, depends }: Template): number {
  if (place(RANK, level) > place(RANK, 'WARN')) return 2
  return benign || depends || severity === 'info' ? 1 : 0
}

const place = (order: string[], word: string): number => (order.indexOf(word) + order.length + 1) % (order.length + 1)

export function TemplatesCard({ node, wide }: { node: Node; wide: string }) {
  const [span, setSpan] = useState<(typeof SPANS)[number][0]>('all')
  const [more, showMore] = useState(false)
  const answer = useResource(`top ${node.key} ${span}`, 120, () => {
    const to = Math.floor(now.peek())
    const range = span === 'all' ? {} : { kind: 'errors', from: to - Number(span) * DAY, to }
    return ask<Template[]>('top', { ...nodeArgs(node), ...range, limit: READ })
  })
  const all = worstTemplates(Array.isArray(answer.value) ? answer.value : [])
  const bad = all.filter(row => rankOf(row) === 0)
  const save = (): void =>
    download(words.csvName(`log-${node.name}`), csv(['level', 'logger', 'text', 'count', 'benign', 'meaning', 'next_step'], all.map(row => [row.level, row.logger, row.text, row.n, String(row.benign ?? false), row.meaning ?? null, row.next_step ?? null])))
  return (
    <section class={`card ${wide}`}>
      <header>
        <h2>{say.head}</h2>
        <span class="s faint">{say.below}</span>
        <span class="grow" />
        <Seg label={words.chart.range} of={SPANS} value={span} set={setSpan} />
      </header>
      {answer.value === null ? (answer.error ? <p class="m soft">{words.tables.failed(answer.error)}</p> : <Skeleton lines={4} />)
        : all.length === 0 ? <p class="m soft">{span === 'all' ? say.nothing : say.none}</p>
        : (
          <>
            <p class="ans">{bad.length ? say.answer(bad.length) : say.harmless}</p>
            <Scroll label={say.head}>
              <table>
                <thead><tr><th scope="col">{say.level}</th><th scope="col">{say.text}</th><th scope="col" class="num">{say.count}</th><th scope="col" class="num col-m">{say.last}</th></tr></thead>
                <tbody>{all.slice(0, more ? undefined : SHOWN).map(row => <Row key={`${row.level} ${row.logger} ${row.text}`} row={row} />)}</tbody>
              </table>
            </Scroll>
            <p class="right-line">
              {all.length > SHOWN && <button class="btn bare" type="button" onClick={() => showMore(!more)}>{more ? words.tables.fewer : words.tables.all(all.length)}</button>}
              <button class="btn bare" type="button" onClick={save}>{words.chart.csv}</button>
            </p>
          </>
        )}
    </section>
  )
}

function Row({ row }: { row: Template }) {
  return (
    <tr>
      <td class={`mono s vtop ${row.benign || row.depends ? 'faint' : (LEVELS[row.level] ?? 'faint')}`}>{row.level}</td>
      <th scope="row" class="wrap">
        <span class="mono s">{row.text}</span> <span class="s faint">{row.logger}</span>
        <br /><span class="m soft">{meaningOf(row)}</span>
        {row.next_step && !row.depends && <><br /><span class="m"><b>{words.alert.next}</b> {row.next_step}</span></>}
      </th>
      <td class="num vtop">{count(row.n)}</td>
      <td class="num nb faint vtop col-m" title={exact(row.last_at)}>{isNumber(row.last_at) ? since(row.last_at, calmNow.value) : '–'}</td>
    </tr>
  )
}

/** `benign: … The other side went away.` */
export function meaningOf({ meaning, cause, benign, depends }: Template): string {
  if (!meaning) return say.unknown
  if (depends) return say.depends(meaning)
  const said = cause ? say.because(meaning, cause) : meaning
  return benign ? say.benign(said) : said
}
