/** Counts of a day by kind and outcome, with success rates; by satellite when asked. */

import { useState } from 'preact/hooks'
import { useSum } from '../data/history.ts'
import type { Node } from '../data/model.ts'
import { csv } from '../data/series.ts'
import { ACTIONS, ended, success, tallyOf, useTransfers, type Tally, type Transfer } from '../data/transfers.ts'
import { count, percent, size } from '../text/numbers.ts'
import { DAY, HOUR } from '../text/times.ts'
import { words } from '../text/words.ts'
import { Scroll, Seg, Skeleton, download } from '../ui/parts.tsx'
import { Q } from '../ui/why.tsx'
import { usualOf } from './totals.tsx'

const say = words.transfers
const SPANS = [['1', '24 h'], ['7', '7 d'], ['30', '30 d']] as const
const GROUPS = [['action', say.byAction], ['satellite', say.bySatellite]] as const
type Group = 'action' | 'satellite'

interface Row { key: string; name: string; tally: Tally }

export function TransfersCard({ node, wide }: { node: Node; wide: string }) {
  const [days, setDays] = useState<'1' | '7' | '30'>('1')
  const [group, setGroup] = useState<Group>('action')
  const answer = useTransfers([node], Number(days) * DAY, ['satellite', 'action', 'outcome'])
  const rows = answer.value && (group === 'action' ? byAction(answer.value) : bySatellite(answer.value, node))
  return (
    <section class={`card counts ${wide}`}>
      <header>
        <h2>{say.head}</h2>
        <span class="grow" />
        <Seg label={words.chart.split} of={GROUPS} value={group} set={setGroup} />
        <Seg label={words.chart.range} of={SPANS} value={days} set={setDays} />
      </header>
      {rows ? <Counts node={node} rows={rows} group={group} total={tallyOf(answer.value ?? [], () => true)} />
        : answer.error ? <p class="m soft">{say.failed(answer.error)}</p> : <Skeleton lines={3} />}
    </section>
  )
}

const byAction = (transfers: Transfer[]): Row[] =>
  [...ACTIONS, ...others(transfers)]
    .map(({ action, name }) => ({ key: action, name, tally: tallyOf(transfers, row => row.action === action) }))
    .filter(({ tally }) => ended(tally) + tally.rejected > 0)

/** Actions that no table names are kept as written. */
const others = (transfers: Transfer[]): { action: string; name: string }[] =>
  [...new Set(transfers.map(row => row.action))].filter(action => !ACTIONS.some(one => one.action === action)).map(action => ({ action, name: action }))

function bySatellite(transfers: Transfer[], node: Node): Row[] {
  const ids = [...new Set(transfers.map(row => row.satellite))]
  const name = (id: string): string => node.satellites.find(({ name, state }) => state.satellite_id === id || name === id)?.name ?? (id || say.noSatellite)
  return ids
    .map(id => ({ key: id, name: name(id), tally: tallyOf(transfers, row => row.satellite === id) }))
    .sort((a, b) => ended(b.tally) - ended(a.tally))
}

const WEEKS = 28 * DAY

/** By action, as text: where the shares of most hours of four weeks lie. */
function useUsual(node: Node): Record<string, string> {
  const metrics = ACTIONS.map(({ action }) => `success:${action}`)
  const hours = useSum([node], { metrics, seconds: WEEKS, step: HOUR }).value
  return Object.fromEntries(ACTIONS.flatMap(({ action }) => {
    const found = usualOf(hours?.values[`success:${action}`] ?? [])
    return found ? [[action, found[0] === found[1] ? found[0] : words.transfers.between(...found)]] : []
  }))
}

function Counts({ node, rows, group, total }: { node: Node; rows: Row[]; group: Group; total: Tally }) {
  const usual = useUsual(node)
  if (rows.length === 0) return <p class="m soft">{say.none}</p>
  const save = (): void => download(words.csvName('transfers'), csv([group, 'ok', 'canceled', 'failed', 'rejected', 'bytes'], rows.map(({ key, tally }) => [key, tally.ok, tally.canceled, tally.failed, tally.rejected, tally.bytes])))
  return (
    <Scroll label={say.head}>
      <table>
        <thead>
          <tr>
            <th scope="col">{group === 'action' ? say.action : say.satellite}</th>
            <th scope="col" class="num">{say.ended}</th>
            <th scope="col" class="num"><Q topic="rateSuccess">{say.success}</Q></th>
            <th scope="col" class="num col-m lost">{say.canceled}</th>
            <th scope="col" class="num">{say.failed2}</th>
            {group === 'satellite' && <th scope="col" class="num col-m">{say.bytes}</th>}
          </tr>
        </thead>
        <tbody>{rows.map(({ key, name, tally }) => <CountRow key={key} name={name} tally={tally} usual={group === 'action' ? usual[key] : undefined} bytes={group === 'satellite'} />)}</tbody>
        {rows.length > 1 && <tfoot><CountRow name={say.sum} tally={total} bytes={group === 'satellite'} /></tfoot>}
      </table>
      {total.rejected > 0 && <p class="m soft gap3">{say.rejected(count(total.rejected))}</p>}
      <p class="right-line"><button class="btn bare" type="button" onClick={save}>{words.chart.csv}</button></p>
    </Scroll>
  )
}

function CountRow({ name, tally, usual, bytes }: { name: string; tally: Tally; usual?: string | undefined; bytes: boolean }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td class="num">{count(ended(tally))}</td>
      <td class="num"><b>{percent(success(tally))}</b>{usual && <span class="s faint usual" title={say.usual}>{usual}</span>}</td>
      <td class="num col-m lost">{count(tally.canceled)}</td>
      <td class="num">{count(tally.failed)}</td>
      {bytes && <td class="num col-m">{size(tally.bytes)}</td>}
    </tr>
  )
}
