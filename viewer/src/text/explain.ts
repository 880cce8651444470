/** What each number is: the meanings of agent/docs/contract.md in the words of the page. */

import type { NodeTopic } from './explain-node.ts'
import type { ReportTopic } from './explain-report.ts'

export interface Explanation { what: string; source: string; limit?: string }

export const API = 'the node’s own API'
export const LOG = 'the node’s log'

export const EXPLAIN = {
  earnings: { what: 'What this month will bring if the rest of it goes like the part behind us, after what the satellites hold back. Ours; the node’s own estimate stands beside it.', source: `${API}, read every 15 minutes` },
  money: { what: 'What this month will bring if the rest of it goes like the part behind us, after what the satellites hold back.', source: `${API}, read every 15 minutes` },
  held: { what: 'What the satellites keep from your pay until the node leaves in good order; half of it comes back after 15 months.', source: 'payment history of the node' },
  paid: { what: 'What the satellites paid for last month. Unknown until their paystubs exist, usually in the second week.', source: 'paystubs at the node' },
  stored: { what: 'All bytes on the disk, trash and dead bytes included: what the disk is full of, not what is paid.', source: API, limit: 'the space you allocated' },
  disk: { what: 'All bytes on the disk, trash and dead bytes included. The dashed part is what 30 more days would add.', source: API, limit: 'the space you allocated' },
  full: { what: 'When the disk is full if it goes on growing as it did lately. About; dashed because it is not measured.', source: 'a line through the last weeks' },
  traffic: { what: 'Bytes that customers move, last full minute. Out is what they download and what earns; in is what they upload.', source: LOG },
  today: { what: 'Moved since the UTC day began, repair and audit included.', source: API },
  month: { what: 'Moved since the UTC month began, as the node sums it.', source: API },
  download: { what: 'Downloads that were finished, of all that ended within 24 hours. Canceled ones are mostly races that another node won.', source: LOG },
  upload: { what: 'Uploads that were finished, of all that ended within 24 hours. Canceled ones are mostly races that another node won.', source: LOG },
  repair: { what: 'Repair transfers that were finished, of all that ended within 24 hours.', source: LOG },
  audits: { what: 'Audits answered well, of all within 24 hours; those where the satellite went away are left out.', source: LOG },
  score: { what: 'The score with the least way left to its own limit, over all nodes and satellites that still count.', source: `${API}; the satellites renew it every few hours` },
  audit: { what: 'How surely this node still has what it should. At or below 96% the satellite disqualifies it, for ever.', source: `${API}; the satellites renew it every few hours`, limit: '96%' },
  suspension: { what: 'How often audits were answered with an unexpected error. At or below 60% the satellite suspends the node: no new uploads until it recovers.', source: `${API}; the satellites renew it every few hours`, limit: '60%' },
  online: { what: 'Share of audits within 30 days that reached the node, in windows of 12 hours. Below 60% the satellite suspends it.', source: `${API}; the satellites renew it every few hours`, limit: '60%' },
  distance: { what: 'How much of the way from a perfect audit score to disqualification is used up.', source: API, limit: '100%' },
  windows: { what: 'Each bar is 12 hours: its height is the share of audits that reached the node. The running window is left out, as the satellite does.', source: `${API}, 60 windows` },
  absence: { what: 'The online score if the node were away from now on: windows of 12 hours in which it answers nothing, and all else answered. An estimate: the satellite counts the audits it happens to send.', source: 'the windows above and the rule of the satellites', limit: '60% suspends' },
  storage: { what: 'Average bytes this month by the satellite’s own count: what is paid.', source: 'the satellite, through the node’s API' },
  trash: { what: 'Deleted by the satellites, kept seven days in case that was a mistake, then gone. Not paid.', source: API },
  reclaimable: { what: 'Dead bytes inside log files of the store; the next compactions free them. Not paid.', source: API },
  overused: { what: 'Bytes above the space you allocated.', source: API },
  allocated: { what: 'What you gave the node in its configuration.', source: API },
  free: { what: 'What the node may still take: allocated less used, or less when the disk itself has less.', source: API },
  contact: { what: 'When a satellite last answered this node’s check-in, which is every hour.', source: API, limit: '2 hours' },
  quic: { what: 'Whether UDP reaches the node. Without it, it works, but some transfers are slower.', source: API },
  unknownShare: { what: 'Lines of the last hour that this agent could not read. More than a few percent means that the log’s form has changed.', source: LOG },
  errors: { what: 'Lines of ERROR and above within 24 hours that are not known to be harmless.', source: LOG },
  rateSuccess: { what: 'ok ÷ (ok + canceled + failed); of audits ok ÷ (ok + failed), as canceled ones are the satellite’s doing. Rejected transfers never began and are counted beside it. Below it, small, where nine of ten hours of the last four weeks were.', source: LOG },
  liveRate: { what: 'Bytes of the pieces that ended in each second; the number is the mean of the last five. Seen now, stored never.', source: LOG },
  pieces: { what: 'Pieces that ended in a second, by direction.', source: LOG },
  concurrency: { what: 'Transfers that have begun and not ended, by direction. One without an end in its log counts for ten minutes.', source: `${LOG}, where it says when a transfer begins` },
  hidden: { what: 'Failures that the node counts and the log at this level does not have.', source: 'the node’s debug metrics' },
  slowAudits: { what: 'Audits whose end was not logged within five minutes: the satellite counts them as failed.', source: LOG },
  cost: { what: 'What this agent itself takes from its host; mean of ten minutes.', source: 'the operating system' },
} satisfies Record<string, Explanation>

/** Those of a node's page and of a report come with it (`explain-node.ts`, `explain-report.ts`). */
export type Topic = keyof typeof EXPLAIN | NodeTopic | ReportTopic

const all: Partial<Record<Topic, Explanation>> = { ...EXPLAIN }

/** More of them, from a page that has just been loaded. */
export const explainToo = (more: Partial<Record<Topic, Explanation>>): void => void Object.assign(all, more)
export const explanationOf = (topic: Topic): Explanation => all[topic]!
