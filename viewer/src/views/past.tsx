/** Old logs beside a node's live one: an offer to count them, then how far it is. */

import { useEffect } from 'preact/hooks'
import { importPast } from '../data/actions.ts'
import { ask, connection, nodeArgs } from '../data/agent.ts'
import type { Node } from '../data/model.ts'
import { renew, useResource } from '../data/resource.ts'
import { count, size } from '../text/numbers.ts'
import { words } from '../text/words.ts'

const say = words.past

interface File { path: string; bytes: number }
interface Progress { running: boolean; lines: number; skipped: number; seconds: number; refused: string[]; fault: string | null }
interface Past { files: File[]; progress: Progress | null }

/** Left out where nothing is to be counted and nothing was. */
export function PastCard({ node }: { node: Node }) {
  const key = `past ${node.key}`
  const { value } = useResource<Past>(key, 60, () => ask('past', nodeArgs(node)) as Promise<Past>)
  const progress = value?.progress ?? null
  const running = progress?.running ?? false
  useEffect(() => {
    if (!running) return
    const timer = setInterval(() => renew(key), 1000)
    return () => clearInterval(timer)
  }, [running, key])
  if (!value || (value.files.length === 0 && !progress)) return null
  const start = (): void => void importPast(node).then(ok => ok && renew(key))
  return (
    <section class="card w12" aria-label={say.head}>
      <header class="hd0"><h2>{say.head}</h2></header>
      {progress && <p role="status">{said(progress)}</p>}
      {progress?.refused.map(text => <p key={text} class="m soft">{text}</p>)}
      {running && <progress aria-label={say.head} />}
      {value.files.length > 0 && (
        <>
          <p>{say.offer(value.files.length, size(value.files.reduce((sum, each) => sum + each.bytes, 0)))}</p>
          <button class="btn main" type="button" disabled={connection.phase.value !== 'live'} onClick={start}>{say.start}</button>
        </>
      )}
    </section>
  )
}

function said({ running, lines, skipped, seconds, fault }: Progress): string {
  if (fault) return say.failed(fault)
  const rate = seconds > 0 ? count((lines + skipped) / seconds) : '0'
  return running ? say.running(count(lines), rate) : say.done(count(lines), count(skipped), count(seconds))
}
