/** An open alert with what its rule knows: what it costs, where to read more, where its number is set. */

import { useState } from 'preact/hooks'
import { parted, type Notice } from '../data/alerts.ts'
import type { Catalogue } from '../data/desk.ts'
import { isAcknowledged, isSilenced, type Problem } from '../data/model.ts'
import { calmNow } from '../data/store.ts'
import type { Told as Heard } from '../data/told.ts'
import { to } from '../route.ts'
import { desk } from '../text/desk.ts'
import { exact, since } from '../text/times.ts'
import { AlertRow, Told, whose } from '../ui/alert.tsx'

const say = desk.told
const FOLDED = 4

interface RowProps { group: Problem[]; catalogue: Catalogue; told: Heard }

export function GroupRow({ group, catalogue, told }: RowProps) {
  const lead = group[0]!
  const rule = catalogue.rules.get(lead.rule)
  const [what, cost] = parted(lead.text, rule?.cost)
  const below = <>{rule && <Links rule={rule.id} link={rule.link} />}<Notices group={group} told={told} /></>
  if (group.length === 1) {
    return <AlertRow problem={lead} text={what} cost={cost} below={below} />
  }
  return <AlertRow problem={lead} group={group} cost={<Members group={group} cost={rule?.cost} />} below={below} />
}

function Members({ group, cost }: { group: Problem[]; cost: string | undefined }) {
  const [all, showAll] = useState(false)
  return (
    <>
      <ul class="members">
        {group.slice(0, all ? undefined : FOLDED).map(one => <li key={`${one.agent}/${one.id}`} title={whose([one])}><Told group={[one]} text={parted(one.text, cost)[0]} /> <span class="faint">{one.agent}</span></li>)}
      </ul>
      {group.length > FOLDED && !all && <button class="link" type="button" onClick={() => showAll(true)}>{desk.row.all(group.length)}</button>}
      {cost && <p>{cost}</p>}
    </>
  )
}

/** Of several alerts in one row, what each route told last. */
function Notices({ group, told }: { group: Problem[]; told: Heard }) {
  const known = group.map(told)
  if (known.every(one => one === null) || group.every(isQuiet)) return null
  const latest = new Map<string, Notice>()
  for (const notice of known.flatMap(one => one ?? [])) if (notice.at > (latest.get(notice.route)?.at ?? 0)) latest.set(notice.route, notice)
  const rows = [...latest.values()].sort((a, b) => b.at - a.at)
  if (!rows.length) return <span class="told-by s faint">{say.none}</span>
  return <span class="told-by s faint" title={exact(rows[0]!.at)}>{say.by(rows.map(({ route, at }) => ({ route, time: since(at, calmNow.value) })))}</span>
}

/** Nothing is to be told of what somebody has seen, or has silenced. */
const isQuiet = (problem: Problem): boolean => isAcknowledged(problem) || isSilenced(problem, calmNow.value)

function Links({ rule, link }: { rule: string; link: string }) {
  return (
    <span class="links">
      <a href={`${to.alerts}/rules/${rule}`}>{desk.row.rule}</a>
      {link.startsWith('https://') && <a href={link} target="_blank" rel="noopener noreferrer">{desk.row.howTo}</a>}
    </span>
  )
}
