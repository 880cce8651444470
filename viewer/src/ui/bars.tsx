/** Bars: upright ones of a histogram, of months or days; lying ones in a table beside their numbers. */

import type { ComponentChildren } from 'preact'
import { isNumber } from '../text/numbers.ts'
import { Scroll } from './parts.tsx'

export interface Bar {
  /** Shown when the pointer is on it. */
  title: string
  value: number | null
  /** Not (yet) true: drawn dashed, on its own or behind the solid one. */
  dashed?: number | null
  /** Below the bar; empty where there is no room. */
  label: string
}

const WIDTH = 20
const HEIGHT = 100

interface BarsProps { label: string; bars: Bar[]; children?: ComponentChildren }

/** `children` lie upon it: marks. */
export function Bars({ label, bars, children }: BarsProps) {
  const most = Math.max(1e-9, ...bars.flatMap(({ value, dashed }) => [value ?? 0, dashed ?? 0]))
  const tall = (value: number): number => (value > 0 ? Math.max(1.2, (value / most) * (HEIGHT - 4)) : 0)
  return (
    <div>
      <div class="bars-box">
        <svg class="bars" viewBox={`0 0 ${bars.length * WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
          {bars.map(({ title, value, dashed }, index) => (
            <g key={index}>
              <title>{title}</title>
              <path class="hit" d={`M${index * WIDTH} 0h${WIDTH}v${HEIGHT}h-${WIDTH}`} />
              {isNumber(value) && <rect x={index * WIDTH + 2} width={WIDTH - 4} y={HEIGHT - tall(value)} height={tall(value)} />}
              {isNumber(dashed) && <rect class="now" x={index * WIDTH + 2} width={WIDTH - 4} y={HEIGHT - tall(dashed)} height={tall(dashed)} />}
            </g>
          ))}
        </svg>
        {children}
      </div>
      <div class="bar-axis" aria-hidden="true">{bars.map(({ label }, index) => <span key={index}>{label}</span>)}</div>
    </div>
  )
}

export interface Share { key: string; name: ComponentChildren; value: number; cells: ComponentChildren[]; title?: string | undefined }

interface SharesProps { label: string; head: string[]; rows: Share[]; bar: string }

/** A name, a bar, its numbers: the largest fills the column. `head`: the name, then one a cell. */
export function Shares({ label, head, rows, bar }: SharesProps) {
  const most = Math.max(1, ...rows.map(({ value }) => value))
  return (
    <Scroll label={label}>
      <table class="shares">
        <caption class="vh">{label}</caption>
        <thead>
          <tr>
            <th scope="col">{head[0]}</th>
            <th scope="col" class="sbar"><span class="vh">{bar}</span></th>
            {head.slice(1).map(name => <th scope="col" class="num" key={name}>{name}</th>)}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, name, value, cells, title }) => (
            <tr key={key} title={title}>
              <th scope="row" class="wrap">{name}</th>
              <td class="sbar"><svg class="lie" aria-hidden="true"><rect height="100%" width={`${((100 * value) / most).toFixed(2)}%`} rx="2" /></svg></td>
              {cells.map((cell, index) => <td class="num" key={index}>{cell}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}
