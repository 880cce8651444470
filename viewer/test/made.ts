/** Nodes and alerts for tests. */

import type { Alert, Node, NodeState, Problem } from '../src/data/model.ts'

export const NOW = 1_795_400_000

export function node(name: string, state: NodeState = {}, more: Partial<Node> = {}): Node {
  const full: NodeState = { ts: NOW, name, status: 'ok', online: true, audit_score: 100, suspension_score: 100, online_score: 99, ...state }
  return { key: `nas/${name}`, agent: 'nas', name, state: full, satellites: [], alerts: [], thresholds: {}, ...more }
}

export const alert = (more: Partial<Alert> = {}): Alert => ({
  id: 'a', rule: 'audit_failed', severity: 'critical', since: NOW - 60, text: 'it is broken', next_step: 'Mend it.',
  node: 'garage', nodes: ['garage'], satellite: null, satellites: [], acknowledged: null, silenced_until: null, ...more,
})

export const problem = (more: Partial<Problem> = {}): Problem => ({ ...alert(), agent: 'nas', ...more })
