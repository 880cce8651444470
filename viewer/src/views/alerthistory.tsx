/** Alerts that closed: of every chosen agent in one table, page by page, with what ended each. */

import { useEffect, useState } from 'preact/hooks'
import { closedOf, joined, nextOf, parted, PAST_HEAD, pastCells, pastOf, renewed, type Pages, type Past } from '../data/alerts.ts'
import { connection } from '../data/agent.ts'
import { askAgent } from '../data/far.ts'
import { awayAgents, everySo, upAgents, type Catalogue } from '../data/desk.ts'
import { namesOf, satellitesOf, toneOfAlert, type Problem } from '../data/model.ts'
import { renew, useResource } from '../data/resource.ts'
import { csv } from '../data/series.ts'
import { calmNow, chosen, concerns, nodes, problems } from '../data/store.ts'
import { to } from '../route.ts'
import { ended } from '../text/rules.ts'
import { dayAndTime, DAY, duration, exact } from '../text/times.ts'
import { desk } from '../text/desk.ts'
import { words } from '../text/words.ts'
import { download, Scroll, Skeleton, ToneIcon } from '../ui/parts.tsx'

const say = desk.history
const PAGE = 100
const LATELY = 30 * DAY
const SHOWN = 8

type Book = ReadonlyMap<string, Pages>

async function nextPage(agent: string, known: Pages | undefined): Promise<[string, Pages]> {
  const before = known?.before ?? null
  try {
    const page = pastOf(await askAgent(agent, 'alerts', { history: true, limit: PAGE, ...(before === null ? {} : { before }) }), agent)
    return [agent, joined(known, page, PAGE)]
  } catch (error) {
    return [agent, { rows: known?.rows ?? [], before: null, error: (error as Error).message }]
  }
}

const read = async (hosts: string[], known?: Book): Promise<Book> => new Map([...(known ?? []), ...(await Promise.all(hosts.map(agent => nextPage(agent, known?.get(agent)))))])

function useNewest(): Book | null {
  const hosts = upAgents()
  const answer = useResource(`past alerts ${hosts.join(' ')}`, everySo(hosts, 60), () => read(hosts)).value
  const open = problems.value.map(({ agent, id }) => `${agent} ${id}`).join()
  useEffect(() => renew('past alerts'), [open]) // what is open no more is past
  return answer
}

/** Those of nodes that are gone belong to all nodes. */
const isMine = (row: Past): boolean => chosen.value.length === nodes.value.length || concerns(row)

/** What cannot be read is said: those that are away, and those that refused. */
function Missing({ book }: { book: Book }) {
  const refused = [...book].flatMap(([agent, { error }]): [string, string][] => (error ? [[agent, error]] : []))
  const away = awayAgents().map((agent): [string, string] => [agent, words.say.agentAway(agent)])
  return <>{[...away, ...refused].map(([agent, text]) => <p key={agent} class="m soft" role="status">{say.cannot(agent, text)}</p>)}</>
}

export function History({ fits, catalogue }: { fits(problem: Problem): boolean; catalogue: Catalogue }) {
  const newest = useNewest()
  const [older, setOlder] = useState<Book>(new Map())
  const [busy, setBusy] = useState(false)
  if (!newest) return <Skeleton lines={4} />
  const book: Book = new Map([...newest].map(([agent, pages]) => [agent, renewed(older.get(agent), pages)]))
  const known = closedOf([...book.values()]).filter(isMine)
  const rows = known.filter(fits)
  const more = nextOf(book)
  const earlier = async (): Promise<void> => {
    setBusy(true)
    setOlder(await read(more, book))
    setBusy(false)
  }
  return (
    <section class="card">
      <header>
        <h2>{say.head}</h2>
        <span class="grow" />
        <button class="btn bare" type="button" disabled={rows.length === 0} onClick={() => download(words.csvName('alerts'), csv(PAST_HEAD, rows.map(pastCells)))}>{words.chart.csv}</button>
      </header>
      {rows.length === 0 ? <p class="m soft">{known.length ? say.noneFit : say.none}</p> : <Table rows={rows} catalogue={catalogue} />}
      <Missing book={book} />
      {more.length > 0 && <p class="gapt"><button class="btn" type="button" disabled={busy || connection.phase.value !== 'live'} onClick={() => void earlier()}>{busy ? say.reading : say.more}</button></p>}
    </section>
  )
}

/** Beside the open ones: the newest of the last 30 days. */
export function RecentHistory({ catalogue }: { catalogue: Catalogue }) {
  const book = useNewest()
  if (!book) return null
  const rows = closedOf([...book.values()])
    .filter(row => isMine(row) && (row.closed ?? 0) > calmNow.value - LATELY)
  return (
    <section class="card">
      <header>
        <h2>{say.recent}</h2>
        <span class="grow" />
        <a class="btn bare" href={`${to.alerts}/history`}>{say.all}</a>
      </header>
      {rows.length === 0 ? <p class="m soft">{say.noneRecent}</p> : <Table rows={rows.slice(0, SHOWN)} catalogue={catalogue} />}
      <Missing book={book} />
    </section>
  )
}

function Table({ rows, catalogue }: { rows: Past[]; catalogue: Catalogue }) {
  return (
    <Scroll label={say.head}>
      <table class="past">
        <thead>
          <tr>
            <th scope="col">{say.what}</th><th scope="col" class="col-m">{say.node}</th><th scope="col">{say.opened}</th>
            <th scope="col" class="num">{say.lasted}</th><th scope="col" class="col-m">{say.ended}</th>
          </tr>
        </thead>
        <tbody>{rows.map(row => <Line key={`${row.agent} ${row.id} ${row.since}`} row={row} catalogue={catalogue} />)}</tbody>
      </table>
    </Scroll>
  )
}

function Line({ row, catalogue }: { row: Past; catalogue: Catalogue }) {
  const tone = toneOfAlert(row)
  const at = satellitesOf([row]).join(', ')
  const node = row.node ? <a href={to.node(`${row.agent}/${row.node}`)}>{row.node}</a> : namesOf([row]).join(', ')
  return (
    <tr>
      <th scope="row" class="wrap"><ToneIcon tone={tone} /><span class="vh">{words.tone[tone]}: </span> {parted(row.text, catalogue.rules.get(row.rule)?.cost)[0]}</th>
      <td class="col-m">{node}{at && <span class="faint"> · {at}</span>}</td>
      <td class="nb" title={exact(row.since)}>{dayAndTime(row.since)}</td>
      <td class="num" title={exact(row.closed)}>{duration((row.closed ?? row.since) - row.since)}</td>
      <td class="col-m soft wrap">{ended(row, catalogue)}</td>
    </tr>
  )
}
