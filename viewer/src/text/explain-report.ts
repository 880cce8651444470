/** What the numbers of a report are: those of its span, not of now; loaded with the page. */

import { API, explainToo, LOG, type Explanation } from './explain.ts'

const REPORT = {
  reportOut: { what: 'Bytes that left the node within the span: downloads, repair and audits, as the node books them.', source: API },
  reportIn: { what: 'Bytes that came in within the span: uploads and repair, as the node books them.', source: API },
  reportSuccess: { what: 'Of the transfers that ended within the span, the share that ended well: ok ÷ (ok + canceled + failed); of audits ok ÷ (ok + failed).', source: LOG },
  reportUsed: { what: 'All bytes on the disk at the end of the span, trash and dead bytes included.', source: API },
  reportChange: { what: 'Used at the end of the span less used at its beginning; unknown without a reading from before it.', source: API },
  reportFree: { what: 'What the node could still take at the end of the span.', source: API },
  reportTrash: { what: 'Deleted pieces that were kept at the end of the span; they go after seven days, unpaid.', source: API },
  reportAllocated: { what: 'What the node was given in its configuration, at the end of the span.', source: API },
  reportEarned: { what: 'What the span added to the earnings of its months, as booked, less what the satellites hold back.', source: 'our own books, made of the node’s API' },
  reportEstimate: { what: 'What the whole months of the span bring, by our own reckoning.', source: 'our own books, made of the node’s API' },
  reportPaid: { what: 'What the paystubs of the span’s months say. They come in the second week of the next month.', source: API },
  reportCosts: { what: 'Electricity and disk of the span’s months, as the settings file says.', source: 'the settings file, section costs' },
  reportProfit: { what: 'What was paid, or else the estimate, less the costs.', source: 'our own books and the settings file' },
  reportLowest: { what: 'The lowest score of any satellite within the span, by the way left to its own limit.', source: API },
  reportEvents: { what: 'Notable lines of the log and changes of the node within the span, by their weight.', source: LOG },
} satisfies Record<string, Explanation>

export type ReportTopic = keyof typeof REPORT

explainToo(REPORT)
