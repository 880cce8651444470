/** History of nodes, read once for all who show it. */

import { ask, nodeArgs } from './agent.ts'
import type { Measure } from './measures.ts'
import type { Node } from './model.ts'
import { useResource, type Resource } from './resource.ts'
import { sumHistories, weighted, type History, type Range, type Series } from './series.ts'
import { now } from './store.ts'

export interface Wish { metrics: string[]; seconds: number; step: number; agg?: string; satellite?: string }

const recent = new Map<string, { at: number; answer: Promise<History> }>()

/** One node's history over the last `seconds`; cards and sums that want the same within half a minute share it. */
export function readHistory(node: Node, wish: Wish): Promise<History> {
  const key = `${node.key} ${JSON.stringify(wish)}`
  const known = recent.get(key)
  if (known && Date.now() - known.at < Math.min(30, wish.step / 4) * 1000) return known.answer
  const answer = askHistory(node, boundsOf(wish))
  recent.delete(key)
  recent.set(key, { at: Date.now(), answer })
  answer.catch(() => recent.delete(key))
  if (recent.size > 600) recent.delete(recent.keys().next().value!)
  return answer
}

/** `egress_rate`, and those of one kind or outcome: `rate:GET`, `count_rate:ok`. */
const RATES = /(^|_)rate(:|$)/

/** Whole bins from the wish's begin to now. */
function boundsOf({ metrics, step, seconds, agg, satellite }: Wish): Bounds {
  const end = Math.floor(now.peek())
  // the bin that runs is not whole: its rate would fall to the eye
  const to = metrics.some(metric => RATES.test(metric)) ? Math.floor(end / step) * step : end
  const from = Math.floor((end - seconds) / step) * step
  return { metrics, step, from, to, ...(agg ? { agg } : {}), ...(satellite ? { satellite } : {}) }
}

interface Bounds { metrics: string[]; step: number; from: number; to: number; agg?: string; satellite?: string }

/** One node's history between two moments. */
export const askHistory = (node: Node, bounds: Bounds): Promise<History> => ask<History>('history', { ...nodeArgs(node), ...bounds })

export interface Source { key: string; name: string; node: Node; satellite?: string }

/** One line a source, by its key; a source that cannot answer is a line that is not known. */
export async function readLines(sources: Source[], measure: Pick<Measure, 'metric' | 'agg' | 'whole'>, range: Range): Promise<Series> {
  const { metric, agg, whole } = measure
  const wish: Wish = { ...wishOf(range, whole ? [metric, 'log_lines'] : [metric]), ...(agg ? { agg } : {}) }
  const answers = await Promise.allSettled(sources.map(({ node, satellite }) => readHistory(node, satellite ? { ...wish, satellite } : wish)))
  const known = answers.flatMap((answer, index) => (answer.status === 'fulfilled' ? [{ ...(whole ? counted(answer.value) : answer.value), columns: ['t', sources[index]!.key] }] : []))
  const failed = answers.find(answer => answer.status === 'rejected')
  if (known.length === 0 && failed) throw failed.reason
  return sumHistories(known, sources.map(source => source.key))
}

/** Of what is counted in a log: where lines were read and none of these, there were none. */
export const counted = ({ rows, ...rest }: History): History => ({ ...rest, rows: rows.map(([t, n, lines]) => [t ?? null, n ?? (lines ? 0 : null)]) })

const named = (nodes: Node[]): string => nodes.map(node => node.key).join(' ')

/** Several nodes as one sum. A node that cannot answer is left out; when none can, that is an error. */
export function useSum(nodes: Node[], wish: Wish): Resource<Series> {
  const key = `sum ${wish.metrics} ${wish.seconds} ${wish.step} ${wish.agg ?? ''} ${named(nodes)}`
  return useResource(key, Math.min(300, Math.max(15, wish.step / 2)), () => readSum(nodes, wish))
}

export async function readSum(nodes: Node[], wish: Wish): Promise<Series> {
  const answers = await Promise.allSettled(nodes.map(node => readHistory(node, wish)))
  const histories = answers.flatMap(answer => (answer.status === 'fulfilled' ? [answer.value] : []))
  const failed = answers.find(answer => answer.status === 'rejected')
  if (histories.length === 0 && failed) throw failed.reason
  return sumHistories(histories, wish.metrics)
}

export const wishOf = (range: Range, metrics: string[]): Wish => ({ metrics, seconds: range.seconds, step: range.step })

const DAY_WISH: Wish = { metrics: ['egress_rate', 'ingress_rate'], seconds: 86_400, step: 3600 }

/** The day of one node in hours, for its spark. */
export function useSpark(node: Node): Series | null {
  return useResource(`spark ${node.key}`, 300, () => readSum([node], DAY_WISH)).value
}

/** The day of several nodes in hours. */
export const useDay = (nodes: Node[]): Series | null => useSum(nodes, DAY_WISH).value

/** A share of several nodes over a day or more: each hour weighted by what it is a share of. */
export function useWeighted(nodes: Node[], metric: string, weight: string, seconds = 86_400): (number | null)[] | null {
  const wish: Wish = { metrics: [metric, weight], seconds, step: 3600 }
  const key = `weighted ${metric} ${seconds} ${named(nodes)}`
  return useResource(key, 300, async () => {
    const answers = await Promise.allSettled(nodes.map(node => readHistory(node, wish)))
    return weighted(answers.flatMap(answer => (answer.status === 'fulfilled' ? [answer.value] : [])))
  }).value
}
