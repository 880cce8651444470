/** Old logs beside a node's live one: an offer to count them, how far it is, then what the rules would have said of them. */

import { useEffect, useRef } from 'preact/hooks'
import { importPast } from '../data/actions.ts'
import { ask, connection, nodeArgs } from '../data/agent.ts'
import { toneOfAlert, type Node } from '../data/model.ts'
import { renew, useResource } from '../data/resource.ts'
import { to } from '../route.ts'
import { count, size } from '../text/numbers.ts'
import { clock, duration, exact, fullDay } from '../text/times.ts'
import { desk } from '../text/desk.ts'
import { words } from '../text/words.ts'
import { ToneIcon } from '../ui/parts.tsx'
import '../style/desk.css'

const say = words.past

interface File { path: string; bytes: number }
interface Progress { running: boolean; lines: number; skipped: number; seconds: number; refused: string[]; fault: string | null }
interface Past { files: File[]; progress: Progress | null }

/** An alert that the rules would have raised on the imported logs. */
interface Late { at: number; rule: string; severity: string; text: string; closed: number | null }
/** What the rules say of all logs that were ever imported of a node; `text` is the sentence on it. */
export interface Hindsight { text: string; alerts: Late[]; total: number }

/** Null until the agent has looked back, which takes a while after an import. */
const useHindsight = (node: Node): Hindsight | null =>
  useResource<Hindsight | null>(`hindsight ${node.key}`, 60, () => ask('hindsight', nodeArgs(node))).value

const SOON = 3000 // ms
const LONG = 300_000 // ms

/** After an import the agent looks back for a while: the answer is asked for again and again meanwhile. */
function useLookingBack(node: Node, imported: boolean): void {
  useEffect(() => {
    if (!imported) return
    const timer = setInterval(() => renew(`hindsight ${node.key}`), SOON)
    const end = setTimeout(() => clearInterval(timer), LONG)
    return () => {
      clearInterval(timer)
      clearTimeout(end)
    }
  }, [node.key, imported])
}

/** Left out where nothing is to be counted and nothing was. */
export function PastCard({ node }: { node: Node }) {
  const key = `past ${node.key}`
  const { value } = useResource<Past>(key, 60, () => ask('past', nodeArgs(node)) as Promise<Past>)
  const progress = value?.progress ?? null
  const running = progress?.running ?? false
  const looked = useHindsight(node)
  const seen = useRef('')
  if (running) seen.current = node.key
  useLookingBack(node, progress !== null && !running && (seen.current === node.key || looked === null))
  useEffect(() => {
    if (!running) return
    const timer = setInterval(() => renew(key), 1000)
    return () => clearInterval(timer)
  }, [running, key])
  if (!value || (value.files.length === 0 && !progress && !looked)) return null
  const start = (): void => void importPast(node).then(ok => ok && renew(key))
  return (
    <section class="card w12" aria-label={say.head}>
      <header class="hd0"><h2>{say.head}</h2></header>
      {progress && <p role="status">{said(progress)}</p>}
      {progress?.refused.map(text => <p key={text} class="m soft">{text}</p>)}
      {running && <progress aria-label={say.head} />}
      {looked && <LookingBack found={looked} />}
      {value.files.length > 0 && (
        <>
          <p>{say.offer(value.files.length, size(value.files.reduce((sum, each) => sum + each.bytes, 0)))}</p>
          <button class="btn main" type="button" disabled={connection.phase.value !== 'live'} onClick={start}>{say.start}</button>
        </>
      )}
    </section>
  )
}

function LookingBack({ found }: { found: Hindsight }) {
  return (
    <div class="gap3">
      <p><b>{found.text}</b></p>
      {found.alerts.length > 0 && (
        <details>
          <summary class="m">{desk.past.list(found.total)}</summary>
          <ul class="late">{found.alerts.map((alert, at) => <Line key={at} alert={alert} />)}</ul>
          {found.total > found.alerts.length && <p class="s faint">{desk.past.cut(found.alerts.length)}</p>}
        </details>
      )}
      <p class="m"><a href={`${to.alerts}/history`}>{desk.past.history}</a></p>
    </div>
  )
}

function Line({ alert: { at, severity, text, closed } }: { alert: Late }) {
  const tone = toneOfAlert({ severity })
  return (
    <li>
      <time dateTime={new Date(at * 1000).toISOString()} title={exact(at)}>{fullDay(at)}, {clock(at)}</time>
      <span><ToneIcon tone={tone} /><span class="vh">{words.tone[tone]}: </span> {text} <span class="faint">{closed === null ? desk.past.still : desk.past.lasted(duration(closed - at))}</span></span>
    </li>
  )
}

function said({ running, lines, skipped, seconds, fault }: Progress): string {
  if (fault) return say.failed(fault)
  const rate = seconds > 0 ? count((lines + skipped) / seconds) : '0'
  return running ? say.running(count(lines), rate) : say.done(count(lines), count(skipped), count(seconds))
}
