/** Pieces and bytes by country, last five minutes. */

import { useMemo } from 'preact/hooks'
import type { Countries, Country } from '../live/places.ts'
import { count, size } from '../text/numbers.ts'
import { words } from '../text/words.ts'
import { csv } from '../data/series.ts'
import { download } from '../ui/parts.tsx'

const SHOWN = 10
const say = words.live
const names = new Intl.DisplayNames(undefined, { type: 'region' })

/** In the browser's language; a code that is none stays as it is. */
export function countryName(code: string | null): string {
  if (!code) return say.nowhere
  try {
    return names.of(code) ?? code
  } catch {
    return code
  }
}

export function CountriesCard({ countries, at }: { countries: Countries; at: number }) {
  const list = useMemo(() => countries.list(Date.now() / 1000), [Math.floor(at / 2)])
  const most = Math.max(1, ...list.map(row => row.out + row.in))
  return (
    <section class="card">
      <header><h2>{say.countries}</h2><span class="s faint">{say.fiveMinutes}</span><span class="grow" />
        {list.length > 0 && <button class="btn bare" type="button" onClick={() => save(list)}>{words.chart.csv}</button>}
      </header>
      {list.length === 0 ? <p class="m soft">{say.countriesNone}</p> : (
        <table class="countries">
          <thead><tr><th scope="col">{say.country}</th><th scope="col" class="wbar"><span class="vh">{say.share}</span></th><th scope="col" class="num">{say.pieces}</th><th scope="col" class="num">{say.bytes}</th></tr></thead>
          <tbody>{list.slice(0, SHOWN).map(row => <Row key={row.code ?? ''} row={row} most={most} />)}</tbody>
        </table>
      )}
    </section>
  )
}

const save = (list: Country[]): void =>
  download(words.csvName('countries'), csv(['country', 'pieces', 'bytes_out', 'bytes_in'], list.map(row => [row.code, row.count, row.out, row.in])))

function Row({ row, most }: { row: Country; most: number }) {
  const name = countryName(row.code)
  return (
    <tr>
      <th scope="row" class="wrap">{name}</th>
      <td class="wbar"><meter class="share" max={most} value={row.out + row.in} aria-label={name} /></td>
      <td class="num">{count(row.count)}</td>
      <td class="num">{size(row.out + row.in)}</td>
    </tr>
  )
}
