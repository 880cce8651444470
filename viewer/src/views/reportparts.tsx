/** The parts of a report that are long: scores by satellite, and what happened. What is fine is said in a sentence. */

import { useState } from 'preact/hooks'
import { happened, isPerfect, lowestOf, SCORE_KEYS, type Report, type ScoreKey, type Stood } from '../data/report.ts'
import { toneOfAlert } from '../data/model.ts'
import { count, isNumber, percent, sum, type Maybe } from '../text/numbers.ts'
import { dayAndTime, exact } from '../text/times.ts'
import { desk } from '../text/desk.ts'
import { words } from '../text/words.ts'
import { Scroll, ToneIcon } from '../ui/parts.tsx'
import { Q } from '../ui/why.tsx'

const say = desk.reports
export const SCORE_NAMES: Record<ScoreKey, string> = { audit_score: say.auditScore, suspension_score: say.suspensionScore, online_score: say.onlineScore }

const SCORE_TOPICS = { audit_score: 'audit', suspension_score: 'suspension', online_score: 'online' } as const

export const standingsOf = ({ nodes }: Report): Stood[] => nodes.flatMap(({ node, reputation }) => reputation.map(one => ({ node, one })))

/** The last score, and the lowest where it was lower. */
function shownScore({ one }: Stood, key: ScoreKey): string {
  const [last, lowest] = [one[key] as Maybe, lowestOf(one, key)]
  return isNumber(last) && isNumber(lowest) && lowest < last - 0.005 ? say.lowest(percent(last), percent(lowest)) : percent(last)
}

export function Standings({ report }: { report: Report }) {
  const [all, showAll] = useState(false)
  const rows = standingsOf(report)
  const perfect = rows.filter(isPerfect).length
  const shown = all ? rows : rows.filter(row => !isPerfect(row))
  if (rows.length === 0) return null
  return (
    <section class="card">
      <header class="hd0"><h2>{words.reputation.head}</h2></header>
      {shown.length > 0 && <Scores rows={shown} />}
      {perfect > 0 && !all && <p class="m soft gap3">{perfect === rows.length ? say.allPerfect : say.perfect(perfect)} <button class="link" type="button" onClick={() => showAll(true)}>{say.showAll}</button></p>}
    </section>
  )
}

function Scores({ rows }: { rows: Stood[] }) {
  return (
    <Scroll label={words.reputation.head}>
      <table>
        <thead><tr><th scope="col">{words.columns.node}</th><th scope="col">{words.reputation.satellite}</th>{SCORE_KEYS.map(key => <th scope="col" class="num" key={key}><Q topic={SCORE_TOPICS[key]}>{SCORE_NAMES[key]}</Q></th>)}</tr></thead>
        <tbody>{rows.map(row => <tr key={`${row.node} ${row.one.name}`}><th scope="row">{row.node}</th><td>{row.one.name}</td>{SCORE_KEYS.map(key => <td class="num" key={key}>{shownScore(row, key)}</td>)}</tr>)}</tbody>
      </table>
    </Scroll>
  )
}

export function Happenings({ report: { nodes } }: { report: Report }) {
  const rows = happened(nodes)
  const [critical, warning] = (['critical', 'warning'] as const).map(word => count(sum(nodes.map(({ events }) => events[word])) ?? 0)) as [string, string]
  const cut = nodes.some(({ events }) => events.more || events.warning + events.critical > events.rows.length)
  return (
    <section class="card">
      <header class="hd0"><h2>{say.happened}</h2><span class="s faint">{say.events(critical, warning)}</span></header>
      {rows.length === 0 ? <p class="m soft">{say.quiet}</p> : (
        <Scroll label={say.happened}>
          <table>
            <thead><tr><th scope="col">{words.templates.text}</th><th scope="col">{words.columns.node}</th><th scope="col" class="num">{words.templates.count}</th><th scope="col" class="col-m">{say.last}</th></tr></thead>
            <tbody>
              {rows.map(row => {
                const tone = toneOfAlert(row)
                return (
                  <tr key={`${row.node} ${row.severity} ${row.text}`}>
                    <th scope="row" class="wrap"><ToneIcon tone={tone} /><span class="vh"> {words.tone[tone]}:</span> {row.text}</th>
                    <td>{row.node}</td><td class="num">{row.times > 1 ? say.times(row.times) : ''}</td><td class="nb col-m" title={exact(row.at)}>{dayAndTime(row.at)}</td>
                  </tr>
                )
              })}
            </tbody>
          </table>
        </Scroll>
      )}
      {cut && <p class="s faint">{say.more}</p>}
    </section>
  )
}
