/** Lines of the logs as they come, with what they mean. Text from logs is text, nothing else. */

import { useState } from 'preact/hooks'
import { fitsLog, type LevelFilter, type LogRow } from '../live/log.ts'
import { decimal } from '../text/numbers.ts'
import { clockSeconds, exact } from '../text/times.ts'
import { words } from '../text/words.ts'
import { Seg } from '../ui/parts.tsx'

const SHOWN = 60
const say = words.live
const FILTERS = [['all', say.all], ['warnings', say.warnings], ['errors', say.errors]] as const
const TONES: Record<string, string> = { critical: 'crit', warning: 'warn' }

/** `unread`: the largest share of lines of these nodes that were not understood, percent. */
export function LiveLog({ rows, unread }: { rows: LogRow[]; unread: number | null }) {
  const [search, setSearch] = useState('')
  const [level, setLevel] = useState<LevelFilter>('all')
  const shown = rows.filter(row => fitsLog(row, level, search)).slice(0, SHOWN)
  return (
    <section class="card">
      <header>
        <h2>{say.log}</h2>
        <span class="s faint">{say.logBelow}{unread !== null && ` · ${say.logUnread(decimal(unread, 1))}`}</span>
        <span class="grow" />
        <input class="field" type="search" data-find placeholder={say.search} aria-label={say.searchLabel} value={search} onInput={event => setSearch(event.currentTarget.value)} />
        <Seg label={say.level} of={FILTERS} value={level} set={setLevel} />
      </header>
      {shown.length === 0 ? <p class="m soft">{rows.length ? say.logNoFit : say.logNone}</p> : (
        <ol class="log plain" tabIndex={0} aria-label={say.log}>{shown.map(row => <Row key={row.id} row={row} />)}</ol>
      )}
    </section>
  )
}

function Row({ row }: { row: LogRow }) {
  return (
    <li>
      <time class="faint" title={exact(row.at)}>{clockSeconds(row.at)}</time>
      <span class={TONES[row.severity] ?? 'faint'}>{row.level}</span>
      <span class="soft cut" title={row.node}>{row.node}</span>
      <span>{row.message} <span class="say2">{row.meaning}</span></span>
      <span class="x soft">{row.times > 1 && words.events.times(row.times)}</span>
    </li>
  )
}
