/** The answer of the command `payouts`, and its months as they are drawn. Pure. */

type Usd = number | null

export interface Payouts {
  month: {
    period: string; estimate: Usd; estimate_node: Usd; so_far: Usd; storage: Usd; egress: Usd; repair_audit: Usd; earned: Usd; held: Usd
    per_tb_month: Usd; per_tb_disk: Usd; electricity: Usd; disk_cost: Usd; profit: Usd
    satellites: { satellite: string; name: string; estimate: Usd; so_far: Usd; storage: Usd; egress: Usd; repair_audit: Usd; held: Usd; held_percent: number | null }[]
  }
  months: { period: string; earned: Usd; held: Usd; disposed: Usd; paid: Usd; estimate: Usd; difference_percent: number | null; per_tb_month: Usd }[]
  totals: { paid: Usd } | null
  held: { total: Usd; on_exit: Usd } | null
}

/** `start` and `end` of the UTC month; `off`: by how much the satellites counted more (+) or less than we expected, percent. */
export interface Month { period: string; start: number; end: number; earned: Usd; held: Usd; disposed: Usd; paid: Usd; estimate: Usd; off: number | null; perTb: Usd }

export function boundsOf(period: string): { start: number; end: number } {
  const [year, month] = period.split('-').map(Number) as [number, number]
  return { start: Date.UTC(year, month - 1) / 1000, end: Date.UTC(year, month) / 1000 }
}

/** Oldest first: the last `most` paid months, months without a paystub between them, and the ones that are not paid yet. */
export function monthsOf({ months, month }: Pick<Payouts, 'months' | 'month'>, most: number): Month[] {
  const known = new Map(months.map(one => [one.period, one]))
  const first = months.map(({ period }) => period).sort()[0] ?? month.period
  const found: Month[] = []
  for (let { start } = boundsOf(first); start <= boundsOf(month.period).start; start = found.at(-1)!.end) {
    const period = new Date(start * 1000).toISOString().slice(0, 7)
    const one = known.get(period)
    const estimate = period === month.period ? month.estimate : (one?.estimate ?? null)
    found.push({
      period, ...boundsOf(period), earned: one?.earned ?? null, held: one?.held ?? null, disposed: one?.disposed ?? null, paid: one?.paid ?? null,
      estimate, off: one?.difference_percent ?? null, perTb: one?.per_tb_month ?? null,
    })
  }
  return found.slice(-most - 1)
}
