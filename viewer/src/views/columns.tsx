/** The columns of the table of nodes, one row each. */

import type { ComponentChildren } from 'preact'
import { useSpark } from '../data/history.ts'
import { SCORES, toneOf, toneOfScore, type Node, type ScoreKey } from '../data/model.ts'
import { calmNow } from '../data/store.ts'
import { useWindows, worstOnline } from '../data/windows.ts'
import { to } from '../route.ts'
import type { Topic } from '../text/explain.ts'
import { count, isNumber, mbit, money, percent, size, sizePair, sum, type Maybe } from '../text/numbers.ts'
import { briefly, clock, DAY, duration, monthName } from '../text/times.ts'
import { words } from '../text/words.ts'
import { FlowSpark, MiniDisk, Strip } from '../ui/marks.tsx'
import { Age, ToneIcon } from '../ui/parts.tsx'
import { complaintBeside } from '../data/status.ts'
import { estimate } from './totals.tsx'

export interface Column {
  id: string
  name: string
  /** Where it stands without the others. */
  long?: string | undefined
  /** What the number is; shown by the head. */
  topic?: Topic
  /** Empty: not sorted by. */
  by?(node: Node): number | string | null
  cell(node: Node): ComponentChildren
  /** What the row of a host shows. */
  total?(nodes: Node[]): ComponentChildren
  num?: boolean
  /** `col-x` goes below 1100 px, `col-m` below 760 px. */
  hide?: 'col-x' | 'col-m'
  /** Shown only where somebody chose it. */
  off?: boolean
  /** It names the row, and always stands. */
  fixed?: boolean
  /** For the CSV; columns without are left out. */
  raw?(node: Node): number | string | null
}

const known = (value: Maybe): number | null => (isNumber(value) ? value : null)

function Name({ node }: { node: Node }) {
  const tone = toneOf(node.state, calmNow.value)
  const why = tone === 'ok' ? '' : tone === 'maint' ? words.node.maintenance(clock(node.state.maintenance_until ?? 0)) : complaintBeside(node, calmNow.value)
  return (
    <>
      <span class="st"><ToneIcon tone={tone} /><span class="vh">{words.tone[tone]}</span><a href={to.node(node.key)} data-open>{node.name}</a></span>
      {why && <span class="m soft hide-m why-bad" title={why}> {why}</span>}
    </>
  )
}

function Spark({ node }: { node: Node }) {
  const day = useSpark(node)
  const [out, inward] = [day?.values['egress_rate'] ?? [], day?.values['ingress_rate'] ?? []]
  return [...out, ...inward].some(isNumber) ? <FlowSpark out={out} inward={inward} /> : <span class="faint">{percent(null)}</span>
}

function Windows({ node }: { node: Node }) {
  const windows = useWindows(node, worstOnline(node))
  return windows ? <Strip windows={windows} /> : <span class="faint">{percent(null)}</span>
}

function Disk({ node }: { node: Node }) {
  const { used, total, unit } = sizePair(node.state.disk_used, node.state.disk_allocated)
  return <><MiniDisk node={node} /> {used} <span class="faint">/ {total} {unit}</span></>
}

const bad = (isBad: boolean, tone: 'bad' | 'low', text: string): ComponentChildren => (isBad ? <b class={tone}>{text}</b> : text)

function score(key: ScoreKey, name: string, hide?: 'col-x' | 'col-m'): Column {
  const row = SCORES.find(one => one.key === key)!
  const cell = ({ state }: Node): ComponentChildren => {
    const tone = toneOfScore(row, state[key])
    return bad(tone === 'crit' || tone === 'warn', tone === 'crit' ? 'bad' : 'low', percent(state[key], false))
  }
  return { id: key, name, topic: row.name as Topic, num: true, ...(hide ? { hide } : {}), by: node => known(node.state[key]), raw: node => known(node.state[key]), cell }
}

function share(key: 'download_success' | 'upload_success', name: string, hide: 'col-x' | 'col-m'): Column {
  return { id: key, name, topic: key === 'download_success' ? 'download' : 'upload', num: true, hide, by: node => known(node.state[key]), raw: node => known(node.state[key]), cell: node => percent(node.state[key], false) }
}

function rate(key: 'egress_rate' | 'ingress_rate', name: string, hide?: 'col-m'): Column {
  return {
    id: key, name, topic: 'traffic', num: true, ...(hide ? { hide } : {}),
    by: node => known(node.state[key]),
    raw: node => (isNumber(node.state[key]) ? (node.state[key] * 8) / 1e6 : null),
    cell: node => mbit(node.state[key]),
    total: nodes => mbit(sum(nodes.map(node => node.state[key]))),
  }
}

const say = words.columns

/** A number of the state that most tables can do without. */
function more(id: string, name: string, topic: Topic, value: (node: Node) => number | null, show: (value: number) => string, total?: Column['total']): Column {
  return {
    id, name, topic, num: true, off: true, by: value, raw: value, ...(total ? { total } : {}),
    cell: node => {
      const known = value(node)
      return known === null ? percent(null) : show(known)
    },
  }
}

const summed = (key: 'disk_trash' | 'disk_free' | 'held_total', show: (value: Maybe) => string) => (nodes: Node[]): string => show(sum(nodes.map(({ state }) => state[key])))

export function columns(): Column[] {
  const month = monthName(calmNow.peek(), 'short')
  const all: Column[] = [
    { id: 'node', name: say.node, fixed: true, by: node => node.name, raw: node => `${node.agent}/${node.name}`, cell: node => <Name node={node} /> },
    {
      id: 'disk', name: say.disk, topic: 'disk', by: node => known(node.state.disk_used), raw: node => known(node.state.disk_used),
      cell: node => <Disk node={node} />,
      total: nodes => {
        const pair = sizePair(sum(nodes.map(node => node.state.disk_used)), sum(nodes.map(node => node.state.disk_allocated)))
        return `${pair.used} / ${pair.total} ${pair.unit}`
      },
    },
    {
      id: 'full', name: say.full, topic: 'full', num: true, hide: 'col-x', by: node => known(node.state.disk_full_days), raw: node => known(node.state.disk_full_days),
      cell: ({ state }) => bad(isNumber(state.disk_full_days) && state.disk_full_days <= 14, 'low', isNumber(state.disk_full_days) ? briefly(state.disk_full_days * DAY) : percent(null)),
    },
    rate('egress_rate', say.out, 'col-m'),
    rate('ingress_rate', say.in, 'col-m'),
    { id: 'spark', name: say.spark, topic: 'traffic', hide: 'col-x', cell: node => <Spark node={node} /> },
    share('download_success', say.download, 'col-x'),
    share('upload_success', say.upload, 'col-m'),
    score('audit_score', say.audit),
    score('online_score', say.online, 'col-m'),
    { id: 'windows', name: say.windows, topic: 'windows', hide: 'col-x', cell: node => <Windows node={node} /> },
    {
      id: 'money', name: say.money(month), topic: 'earnings', num: true, by: estimate, raw: estimate,
      cell: node => money(estimate(node)), total: nodes => money(sum(nodes.map(estimate))),
    },
    { ...score('suspension_score', say.suspension), off: true },
    more('disk_free', say.free, 'free', ({ state }) => known(state.disk_free), size, summed('disk_free', size)),
    more('disk_trash', say.trash, 'trash', ({ state }) => known(state.disk_trash), size, summed('disk_trash', size)),
    more('errors', say.errors, 'errors', ({ state }) => known(state.errors), value => count(value)),
    more('held_total', say.held, 'held', ({ state }) => known(state.held_total), money, summed('held_total', money)),
    more('started', say.running, 'contact', ({ state }) => (isNumber(state.started) ? calmNow.value - state.started : null), duration),
    { id: 'version', name: say.version, num: true, hide: 'col-x', by: node => node.state.version ?? null, raw: node => node.state.version ?? null, cell: node => node.state.version ?? percent(null) },
    { id: 'age', name: say.age, num: true, hide: 'col-x', by: node => known(node.state.ts), raw: node => known(node.state.ts), cell: node => <span class="faint"><Age at={node.state.ts} bare /></span> },
  ]
  return all.map(column => ({ ...column, long: say.long[column.id] }))
}
