/** Marks: disk bar, score bar, online strip, spark. Each stands beside its number and never alone. */

import { toneOfScore, type Node, type ScoreRow } from '../data/model.ts'
import { decimal, isNumber, percent, roundSize, size, type Maybe } from '../text/numbers.ts'
import type { Window } from '../data/windows.ts'
import type { Topic } from '../text/explain.ts'
import { words } from '../text/words.ts'
import { Q } from './why.tsx'

const pc = (share: number): string => `${Math.max(0, Math.min(100, share * 100)).toFixed(2)}%`

interface Parts { live: number; reclaimable: number; trash: number; grow: number; tone: '' | 'full' | 'full crit' }

/** Shares of the allocated space; null while it is not known. */
export function diskParts({ state }: Node): Parts | null {
  const total = state.disk_allocated
  if (!isNumber(total) || total <= 0 || !isNumber(state.disk_used)) return null
  const used = state.disk_used / total
  const reclaimable = (state.disk_reclaimable ?? 0) / total
  const trash = (state.disk_trash ?? 0) / total
  const days = state.disk_full_days
  // free space lasts `days`: thirty of them take their share of it
  const grow = isNumber(days) && days > 0 ? Math.max(0, 1 - used) * Math.min(1, 30 / days) : 0
  const tone = used >= 0.95 ? 'full crit' : isNumber(days) && days <= 14 ? 'full' : ''
  return { live: Math.max(0, used - reclaimable - trash), reclaimable, trash, grow, tone }
}

export function Disk({ node }: { node: Node }) {
  const parts = diskParts(node)
  const { state } = node
  if (!parts) return <div class="disk"><svg role="img" aria-label={words.node.diskUnknown} /></div>
  const { live, reclaimable, trash, grow } = parts
  const label = words.node.diskLabel(size(state.disk_used), roundSize(state.disk_allocated), size(state.disk_reclaimable), size(state.disk_trash))
  const used = live + reclaimable + trash
  return (
    <div class={`disk ${parts.tone}`}>
      <svg role="img" aria-label={label}>
        <rect class="d-used" width={pc(live)} height="100%" />
        <rect class="d-rec" x={pc(live)} width={pc(reclaimable)} height="100%" />
        <rect class="d-trash" x={pc(live + reclaimable)} width={pc(trash)} height="100%" />
        {grow > 0.001 && <rect class="d-grow" x={pc(used)} y="1.5" width={pc(Math.min(grow, 1 - used))} height="75%" />}
      </svg>
    </div>
  )
}

/** The same, small, for tables. */
export function MiniDisk({ node }: { node: Node }) {
  const parts = diskParts(node)
  const used = parts ? parts.live + parts.reclaimable + parts.trash : 0
  return (
    <svg class={`mini ${parts?.tone ?? ''}`} aria-hidden="true">
      {parts && <rect class="d-used" width={pc(used)} height="100%" />}
    </svg>
  )
}

const CLASS = { ok: '', warn: 'is-warn', crit: 'is-crit', unk: '', maint: '' }

/** A margin, not a score: the bar begins at its own limit. */
export function ScoreBar({ row, value, label = true, at }: { row: ScoreRow; value: Maybe; label?: boolean; at?: Maybe }) {
  const shown = isNumber(value) ? Math.max(row.limit, value) : row.limit
  const left = isNumber(value) ? words.why.left(percent(value), row.limit, decimal(Math.max(0, value - row.limit), 2)) : undefined
  const name = words.scores[row.key]
  return (
    <div class={`sc ${CLASS[toneOfScore(row, value)]}`}>
      {label && (
        <span class="lab">
          <Q topic={row.name as Topic} figures={left} at={at}>{name}</Q>
        </span>
      )}
      <span class={isNumber(value) ? 'val' : 'val faint'}>{percent(value)}</span>
      <span class="sb">
        <i>{row.limit}</i>
        <meter min={row.limit} max={100} value={shown} aria-label={words.node.scoreLabel(name, percent(value), row.limit)} />
      </span>
    </div>
  )
}

/** 60 windows of 12 hours; full ones are quiet. */
export function Strip({ windows }: { windows: Window[] }) {
  const bad = windows.flatMap(({ share }, index) => (isNumber(share) && share < 1 ? [{ share, index }] : []))
  const none = windows.flatMap(({ share }, index) => (isNumber(share) ? [] : [index]))
  return (
    <svg class="strip" viewBox={`0 0 ${windows.length * 4} 16`} preserveAspectRatio="none" role="img" aria-label={words.node.stripLabel(windows.length, bad.length)}>
      <path class="g" d={`M0 8h${windows.length * 4}`} />
      {none.map(index => <path class="t" key={index} d={`M${index * 4} 0h3v16h-3`} />)}
      {bad.map(({ share, index }) => (
        <g key={index}>
          <path class="t" d={`M${index * 4} 0h3v16h-3`} />
          <path class={share < 0.4 ? 'b' : 'p'} d={`M${index * 4} 16h3v-${Math.max(3, Math.round(share * 16))}h-3`} />
        </g>
      ))}
    </svg>
  )
}

type Cells = (number | null)[]
const WIDTH = 93

/** One open path from outside the picture to outside: line and area in one. A gap in the data is a gap in the path. */
export function sparkPath(values: Cells, height: (value: number) => number, base: number): string {
  const step = WIDTH / Math.max(1, values.length - 1)
  let path = ''
  let open = false
  values.forEach((value, index) => {
    const x = (index * step).toFixed(1)
    if (!isNumber(value)) {
      if (open) path += `V${base}`
      open = false
      return
    }
    const y = height(value).toFixed(1)
    path += open ? `L${x} ${y}` : `M${index === 0 ? -9 : x} ${base}V${y}H${x}`
    open = true
  })
  return open ? `${path}H${WIDTH + 9}V${base}` : path
}

/** The line alone: where nothing is known it ends, and begins anew. */
export function linePath(values: Cells, height: (value: number) => number): string {
  const step = WIDTH / Math.max(1, values.length - 1)
  return values
    .map((value, index) => (isNumber(value) ? `${index > 0 && isNumber(values[index - 1]) ? 'L' : 'M'}${(index * step).toFixed(1)} ${height(value).toFixed(1)}` : ''))
    .join('')
}

interface AreaProps { name: string; values: Cells; base: number; height(value: number): number }

/** Area and line of one quantity. */
function Area({ name, values, base, height }: AreaProps) {
  return (
    <>
      <path class={`${name} area`} d={sparkPath(values, height, base)} />
      <path class={`${name} edge`} d={linePath(values, height)} />
    </>
  )
}

/** Out above the axis, in below it, on one scale. */
export function FlowSpark({ out, inward }: { out: Cells; inward: Cells }) {
  const known = [...out, ...inward].filter(isNumber)
  if (known.length === 0) return <svg class="spark" aria-hidden="true" /> // its room, without a line that looks like zero
  const most = Math.max(1e-9, ...known)
  return (
    <svg class="spark" viewBox="0 0 93 60" preserveAspectRatio="none" aria-hidden="true">
      <Area name="a-out" values={out} base={30} height={value => 30 - (value / most) * 26} />
      <Area name="a-in" values={inward} base={30} height={value => 30 + (value / most) * 26} />
      <path class="ax" d="M0 30H93" />
    </svg>
  )
}

/** Money by day: bars from 0, those to come, from the index `next` on, pale. */
export function DayBars({ days, come, next }: { days: Cells; come: number | null; next: number }) {
  const most = Math.max(come ?? 0, ...days.filter(isNumber))
  if (most <= 0) return <svg class="spark" viewBox="0 0 93 50" aria-hidden="true" />
  const bar = (value: number | null, index: number): string => (isNumber(value) && value > 0 ? `M${index * 4 + 1.5} 50v${(-46 * value / most).toFixed(1)}` : '')
  return (
    <svg class="spark dbars" viewBox={`0 0 ${days.length * 4 - 1} 50`} preserveAspectRatio="none" aria-hidden="true">
      <path d={days.map(bar).join('')} />
      <path class="no" d={days.map((_, index) => (index >= next ? bar(come, index) : '')).join('')} />
    </svg>
  )
}

/** One quantity on its own range: a disk and a score are never drawn from 0. */
export function LineSpark({ values, floor }: { values: Cells; floor?: number }) {
  const known = values.filter(isNumber)
  // the day that runs may not be known yet: the line ends where the picture does
  const shown = values.slice(0, values.findLastIndex(isNumber) + 1)
  if (known.length < 2) return <svg class="spark" viewBox="0 0 93 50" aria-hidden="true" />
  const low = Math.min(...known, floor ?? Infinity)
  const span = Math.max(...known) - low || 1
  return (
    <svg class="spark" viewBox="0 0 93 50" preserveAspectRatio="none" aria-hidden="true">
      <Area name="a-x" values={shown} base={50} height={value => 42 - ((value - low) / span) * 36} />
    </svg>
  )
}

