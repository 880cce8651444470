/** What the numbers are that only a node's page shows; loaded with it. */

import { API, explainToo, LOG, type Explanation } from './explain.ts'

const NODE = {
  durations: { what: 'From the line that a transfer began to the line that it ended well. The log has whole seconds, so a duration is right to a second.', source: `${LOG}, where it has the starts` },
  reasons: { what: 'What the log gives as the reason of canceled transfers. Most are races that another node won: nothing is lost but the race.', source: LOG },
  sizes: { what: 'Transfers by the size of the piece or of the part that was asked for, and how many of each ended well.', source: LOG },
  countries: { what: 'Where the other side of each transfer is, by the place file; of very many transfers a sample that stands for all.', source: `${LOG} and the file of places` },
  fails: { what: 'So many audits can still fail, one after the other, before the satellite disqualifies the node.', source: 'the audit score and the rule of the satellites', limit: '0' },
  reported: { what: 'What the satellites last said they store here. It comes once a day or later.', source: 'the satellites, through the node’s API' },
  garbage: { what: 'On the disk, but no satellite pays for it: what customers deleted and no garbage collection has found yet.', source: 'the disk less trash, dead bytes and the satellites’ last report' },
  late: { what: 'Came in since the satellites’ last report: the next one will have it. Never more than what arrived since.', source: 'the disk less the satellites’ last report' },
  efficiency: { what: 'Bytes given back for each byte that had to be written anew. Below 1 it was more work than gain.', source: LOG },
  throughput: { what: 'Megabytes written anew in a second, over the whole time of the compaction.', source: LOG },
  load: { what: 'How full the store’s table of pieces is. From 0.75 on it is built anew, twice as large.', source: LOG, limit: '0.95' },
  leaks: { what: 'Money that goes missing in a month while it lasts. Garbage and dead bytes cost nothing while there is room beside them.', source: 'prices, disk and transfers of this node, against the best of yours' },
  perTb: { what: 'What this month will bring, divided by what the satellites will count as stored on average.', source: API },
  costs: { what: 'Electricity and disk of a month, as the settings file says.', source: 'the settings file, section costs' },
} satisfies Record<string, Explanation>

export type NodeTopic = keyof typeof NODE

explainToo(NODE)
