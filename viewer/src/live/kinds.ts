/** The kinds of transfers as the live page tells them apart: by colour and by line. */

export type Kind = 'out' | 'in' | 'repair' | 'audit'

export interface KindRow { kind: Kind; token: string; dash: number[] }

export const KINDS: KindRow[] = [
  { kind: 'out', token: 'k-out', dash: [] },
  { kind: 'in', token: 'k-in', dash: [] },
  { kind: 'repair', token: 'k-rep', dash: [5, 3] },
  { kind: 'audit', token: 'k-aud', dash: [1, 3] },
]

const BY_ACTION: Record<string, Kind> = { GET: 'out', PUT: 'in', GET_REPAIR: 'repair', PUT_REPAIR: 'repair', GET_AUDIT: 'audit' }

/** Unknown actions count by their direction. */
export const kindOf = (action: string): Kind => BY_ACTION[action] ?? (action.startsWith('GET') ? 'out' : 'in')

export const isOut = (action: string): boolean => action.startsWith('GET')
