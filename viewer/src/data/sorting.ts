/** Order of tables: worst first while sorted by name; by hand it wins until reload. Pure. */

import { byHost, worstNodes, type Host, type Node } from './model.ts'

export interface Sort { id: string; down: boolean }

type Key = number | string | null
const collator = new Intl.Collator(undefined, { numeric: true })

/** Numbers by size, words by alphabet; what is not known comes last either way. */
export function compareKeys(a: Key, b: Key, down: boolean): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  const order = typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b))
  return down ? -order : order
}

export const sortRows = <T>(rows: T[], by: (row: T) => Key, down: boolean): T[] => [...rows].sort((a, b) => compareKeys(by(a), by(b), down))

/** The hosts with their nodes as the table shows them. */
export function sortedHosts(nodes: Node[], now: number, sort: Sort, by: ((node: Node) => Key) | undefined): Host[] {
  const hosts = byHost(nodes, now)
  if (sort.id === 'node' && !sort.down) return hosts
  return hosts.map(({ agent, nodes: members }) => ({ agent, nodes: by ? sortRows(members, by, sort.down) : members }))
}

export function sortedNodes(nodes: Node[], now: number, sort: Sort, by: ((node: Node) => Key) | undefined): Node[] {
  if (sort.id === 'node' && !sort.down) return worstNodes(nodes, now)
  return by ? sortRows(nodes, by, sort.down) : nodes
}
