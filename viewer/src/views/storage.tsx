/** What the node says of its disk, beside what the satellites pay for. */

import { ask, nodeArgs } from '../data/agent.ts'
import type { Node } from '../data/model.ts'
import { useResource } from '../data/resource.ts'
import type { Topic } from '../text/explain.ts'
import { isNumber, size, sum, type Maybe } from '../text/numbers.ts'
import { utcDay } from '../text/times.ts'
import { words } from '../text/words.ts'
import { Disk } from '../ui/marks.tsx'
import { Age } from '../ui/parts.tsx'
import { Q } from '../ui/why.tsx'

const say = words.storage

interface Bar { name: string; below: string; topic: Topic; value(node: Node): Maybe; mark: string }

const BARS: Bar[] = [
  { name: say.allocated, below: say.allocatedBelow, topic: 'allocated', value: node => node.state.disk_allocated, mark: 't-a' },
  { name: say.room, below: say.roomBelow, topic: 'free', value: ({ state }) => (isNumber(state.disk_used) && isNumber(state.disk_free) ? state.disk_used + state.disk_free : null), mark: 't-a' },
  { name: say.used, below: say.usedBelow, topic: 'disk', value: node => node.state.disk_used, mark: 'd-used' },
  { name: say.paid, below: say.paidBelow, topic: 'storage', value: node => sum(node.satellites.map(({ state }) => state.storage)), mark: 't-paid' },
]

const ROWS: { name: string; topic: Topic; value(node: Node): Maybe; what: string }[] = [
  { name: say.reclaimable, topic: 'reclaimable', value: node => node.state.disk_reclaimable, what: say.reclaimableWhat },
  { name: say.trash, topic: 'trash', value: node => node.state.disk_trash, what: say.trashWhat },
  { name: say.free, topic: 'free', value: node => node.state.disk_free, what: say.freeWhat },
  { name: say.overused, topic: 'overused', value: node => (node.state.disk_overused ? node.state.disk_overused : null), what: say.overusedWhat },
  { name: say.filesystem, topic: 'free', value: node => node.state.filesystem_free, what: say.filesystemWhat },
]

export function StorageCard({ node, wide }: { node: Node; wide: string }) {
  const truth = useTruth(node)
  const bars = [...BARS.slice(0, 3), ...reported(truth), ...BARS.slice(3)].map(bar => ({ ...bar, bytes: bar.value(node) })).filter(({ bytes }) => isNumber(bytes))
  const unpaid = truth?.differences.length ? truth.differences.reduce((total, one) => total + (one.kind === 'missing' ? -one.bytes : one.bytes), 0) : null
  const most = Math.max(1, ...bars.map(({ bytes }) => bytes ?? 0))
  return (
    <section class={`card ${wide}`}>
      <header>
        <h2>{say.head}</h2>
        <span class="grow" />
        <span class="s faint"><Age at={node.state.ts} /></span>
      </header>
      {bars.length === 0 ? <p class="m soft">{say.none}</p> : (
        <>
          {unpaid !== null && <p class="ans">{say.answer(size(unpaid))}</p>}
          <Disk node={node} />
          <div class="truth gap3">{bars.map(bar => <Truth key={bar.name} {...bar} most={most} at={node.state.ts} />)}</div>
          {truth?.differences.length ? <Differences truth={truth} /> : <Parts node={node} />}
        </>
      )}
    </section>
  )
}

interface Account { reported: number | null; reported_at: number | null; differences: { kind: string; bytes: number; text: string }[] }

/** As the agent lays disk and satellites side by side; null where it cannot. */
const useTruth = (node: Node): Account | null => useResource(`storage ${node.key}`, 300, () => ask<Account>('storage', nodeArgs(node))).value

const reported = (truth: Account | null): Bar[] =>
  truth && isNumber(truth.reported) ? [{ name: say.reported, below: truth.reported_at ? say.reportedBelow(utcDay(truth.reported_at)) : '', topic: 'reported', value: () => truth.reported, mark: 't-sat' }] : []

const KINDS: Record<string, [name: string, topic: Topic]> = {
  garbage: [say.garbage, 'garbage'], dead: [say.reclaimable, 'reclaimable'], trash: [say.trash, 'trash'], late: [say.late, 'late'], missing: [say.missing, 'reported'],
}

/** Why the disk holds more than is paid for. */
function Differences({ truth }: { truth: Account }) {
  return (
    <table class="gap3">
      <thead><tr><th scope="col">{say.unpaid}</th><th scope="col" class="num">{say.size}</th><th scope="col" class="col-m">{say.what}</th></tr></thead>
      <tbody>
        {truth.differences.map(({ kind, bytes, text }) => {
          const [name, topic] = KINDS[kind] ?? [kind, 'disk' as Topic]
          return <tr key={kind}><th scope="row"><Q topic={topic}>{name}</Q></th><td class="num">{size(kind === 'missing' ? -bytes : bytes)}</td><td class="soft wrap col-m">{text}</td></tr>
        })}
      </tbody>
    </table>
  )
}

function Truth({ name, below, topic, mark, bytes, most, at }: Bar & { bytes: Maybe; most: number; at: Maybe }) {
  return (
    <div>
      <span><Q topic={topic} at={at}>{name}</Q><br /><span class="s faint">{below}</span></span>
      <svg role="img" aria-label={`${name}: ${size(bytes)}`}><rect class={mark} height="100%" width={`${((100 * (bytes ?? 0)) / most).toFixed(2)}%`} rx="2" /></svg>
      <b>{size(bytes)}</b>
    </div>
  )
}

function Parts({ node }: { node: Node }) {
  const rows = ROWS.map(row => ({ ...row, bytes: row.value(node) })).filter(({ bytes }) => isNumber(bytes))
  return (
    <table class="gap3">
      <thead><tr><th scope="col">{say.part}</th><th scope="col" class="num">{say.size}</th><th scope="col" class="col-m">{say.what}</th></tr></thead>
      <tbody>
        {rows.map(({ name, topic, bytes, what }) => (
          <tr key={name}>
            <th scope="row"><Q topic={topic} at={node.state.ts}>{name}</Q></th>
            <td class="num">{size(bytes)}</td>
            <td class="soft col-m">{what}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
