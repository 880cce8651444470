/** Garbage collection, trash, walks and migration: what runs now, the last result, the trend. */

import { ask, nodeArgs } from '../../data/agent.ts'
import type { Node } from '../../data/model.ts'
import { useResource } from '../../data/resource.ts'
import { now } from '../../data/store.ts'
import { KINDS, resultOf, taskOf, type Run, type Task } from '../../data/tasks.ts'
import { DAY, duration, exact, since } from '../../text/times.ts'
import { nodeWords } from '../../text/node.ts'
import { words } from '../../text/words.ts'
import { Icon } from '../../ui/icons.tsx'
import { LineSpark } from '../../ui/marks.tsx'
import { Skeleton } from '../../ui/parts.tsx'
import { TableBody } from '../tables.tsx'
import { TABLES } from '../../text/tables.ts'
import { CompactionCard } from './compaction.tsx'
import { Fold, type SectionProps } from './section.tsx'

const say = nodeWords.tasks
const BACK = 60 * DAY
const STORES = 8 // two for each satellite: of each one compaction runs at most

export function Tasks({ node, happenings }: SectionProps) {
  return (
    <>
      <TasksCard node={node} />
      <CompactionCard node={node} happenings={happenings} />
      <Fold title={say.all}><TableBody node={node} table={TABLES.runs} /></Fold>
    </>
  )
}

function TasksCard({ node }: { node: Node }) {
  const { value, error } = useResource(`tasks ${node.key}`, 60, async () => {
    const from = Math.floor(now.peek() - BACK)
    const runs = (kind: string, limit: number): Promise<Run[]> => ask<Run[]>('runs', { ...nodeArgs(node), kind, from, limit })
    const compacting = (await runs('compaction', STORES)).filter(({ ended }) => ended === null)
    return { compacting, tasks: await Promise.all(KINDS.map(async kind => taskOf(kind, await runs(kind, 60)))) }
  })
  const tasks = (value?.tasks ?? []).filter((task): task is Task => task !== null)
  const busy = [...(value?.compacting ?? []), ...tasks.flatMap(({ running }) => running)]
  return (
    <section class="card w12">
      <header class="hd0"><h2>{say.head}</h2></header>
      {value === null ? (error ? <p class="m soft">{words.tables.failed(error)}</p> : <Skeleton lines={3} />)
        : tasks.length + busy.length === 0 ? <p class="m soft">{say.none}</p>
        : (
          <>
            <p class="ans gap3">{busy.length ? say.busy(spoken(busy)) : say.idle}</p>
            <ul class="plain tasks gap3">{tasks.map(task => <Row key={task.kind} task={task} />)}</ul>
          </>
        )}
    </section>
  )
}

/** `Migration (ap1, us1)`: each kind once, with whom it is about. */
export function spoken(runs: Run[]): string[] {
  return [...Map.groupBy(runs, ({ kind }) => kind)].map(([kind, of]) => {
    const whom = of.filter(({ name }) => name).map(({ name, subject }) => (subject ? `${name} ${subject}` : name))
    return `${say.names[kind] ?? kind}${whom.length ? ` (${whom.join(', ')})` : ''}`
  })
}

function Row({ task: { kind, running, last, failed, trend } }: { task: Task }) {
  return (
    <li>
      <div class="row"><b>{say.names[kind] ?? kind}</b>{failed > 0 && <span class="s warn"><Icon name="warn" tone="warn" /> {say.failed(failed)}</span>}</div>
      {running.map(run => (
        <p class="m" key={`${run.satellite} ${run.started}`}>{run.name} {say.since(duration(now.value - run.started))}{said(run)}</p>
      ))}
      {last && (
        <p class="m soft" title={exact(last.ended)}>
          {last.name && `${last.name} · `}{since(last.ended!, now.value)}{last.ok === false && <b class="warn"> · {say.ends.failed}</b>}{last.ok === null && ` · ${say.ends.cut}`}{tookOf(last)}{said(last)}
        </p>
      )}
      {trend.length > 2 && <div class="row trend"><LineSpark values={trend} floor={0} /><span class="s faint">{say.trend(trend.length, duration(Math.min(...trend)), duration(Math.max(...trend)))}</span></div>}
    </li>
  )
}

const said = (run: Run): string => (resultOf(run) ? ` · ${resultOf(run)}` : '')
const tookOf = ({ stats: { seconds } }: Run): string => (typeof seconds === 'number' ? ` · ${say.took(seconds < 1 ? '< 1 s' : duration(seconds))}` : '')
