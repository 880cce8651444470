/** The frame around a chart: title, legend, range, table, CSV; the drawing itself comes when it is needed. */

import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Drawing, Plot } from '../chart/plot.ts'
import { csv, RANGES, type Range } from '../data/series.ts'
import { themeVersion } from '../theme.ts'
import { words } from '../text/words.ts'
import { Icon } from './icons.tsx'
import { download, Seg, Skeleton } from './parts.tsx'

export const rangeOf = (id: string): Range => RANGES.find(range => range.id === id) ?? RANGES[2]!

export function RangeChoice({ value, set }: { value: string; set(id: string): void }) {
  return <Seg label={words.chart.range} of={RANGES.map(range => [range.id, range.label] as const)} value={value} set={set} />
}

export function FlowLegend({ short = false }: { short?: boolean }) {
  return (
    <span class="legend">
      <span><Icon name="up" tone="c-out" /> {words.chart.outShort}{!short && <span class="hide-n">{words.chart.outMore}</span>}</span>
      <span><Icon name="down" tone="c-in" /> {words.chart.inShort}{!short && <span class="hide-n">{words.chart.inMore}</span>}</span>
    </span>
  )
}

export interface Sheet { head: string[]; rows: (string | number | null)[][]; name: string }

/** A function where it is worth to make it only when somebody looks. */
type Given<T> = T | (() => T)
const given = <T,>(value: Given<T>): T => (typeof value === 'function' ? (value as () => T)() : value)

interface FrameProps {
  title: ComponentChildren
  legend?: ComponentChildren
  tools?: ComponentChildren
  /** What stands in the table and in the CSV; times as text for the table come from `shown`. */
  sheet: Given<Sheet | null>
  shown: Given<string[][]>
  /** Heads of the table where they are not those of the CSV. */
  shownHead?: string[]
  children: ComponentChildren
}

/** Title, tools, and either the picture or the numbers. */
export function ChartFrame({ title, legend, tools, sheet, shown, shownHead, children }: FrameProps) {
  const [table, setTable] = useState(false)
  const numbers = table ? given(sheet) : null
  return (
    <figure class="chart">
      <figcaption>
        <h2>{title}</h2>
        {legend}
        <span class="grow" />
        {tools}
        <button class="btn bare" type="button" data-key="." aria-expanded={table} aria-label={words.chart.showTable} onClick={() => setTable(!table)}>
          <Icon name="table" /> <span class="hide-n">{words.chart.table}</span>
        </button>
        {numbers && <button class="btn bare" type="button" onClick={() => download(words.csvName(numbers.name), csv(numbers.head, numbers.rows))}>{words.chart.csv}</button>}
      </figcaption>
      {numbers ? <ChartTable head={shownHead ?? numbers.head} rows={given(shown)} /> : children}
    </figure>
  )
}

function ChartTable({ head, rows }: { head: string[]; rows: string[][] }) {
  return (
    <div class="plot listed scroll" tabIndex={0}>
      <table>
        <thead>
          <tr>{head.map((name, index) => <th scope="col" key={name} class={index ? 'num' : ''}>{name}</th>)}</tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <tr key={row[0]}>
              {row.map((cell, index) => (index ? <td class="num" key={index}>{cell}</td> : <th scope="row" key={index}>{cell}</th>))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** The picture; null while its numbers are on their way. */
export function Picture({ drawing, label, point, children }: { drawing: Omit<Drawing, 'point'> | null; label: string; point(index: number | null): void; children?: ComponentChildren }) {
  const host = useRef<HTMLDivElement>(null)
  const drawn = useRef<Plot | null>(null)
  const theme = themeVersion.value
  const latest = useRef(drawing)
  latest.current = drawing
  const ready = drawing !== null

  useEffect(() => {
    let gone = false
    if (!ready) return
    void import('../chart/plot.ts').then(({ plot }) => {
      if (!gone && host.current && latest.current) drawn.current = plot(host.current, { ...latest.current, point })
    })
    return () => {
      gone = true
      drawn.current?.destroy()
      drawn.current = null
    }
  }, [theme, ready])
  useEffect(() => {
    if (drawing) drawn.current?.update({ ...drawing, point })
  }, [drawing])

  const keys = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (!by) return
    event.preventDefault()
    drawn.current?.step(by)
  }
  return (
    <div class="plot-box">
      <div class="plot" ref={host} role="img" aria-label={label} tabIndex={0} onKeyDown={keys}>
        {!ready && <Skeleton lines={3} />}
      </div>
      {children}
    </div>
  )
}

/** In place of a picture: why there is none. */
export function NoPicture({ children }: { children: ComponentChildren }) {
  return <div class="plot none"><p class="m soft">{children}</p></div>
}
