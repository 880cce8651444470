/** An open alert with what its rule knows: what it costs, where to read more, where its number is set. */

import { useState } from 'preact/hooks'
import { parted } from '../data/alerts.ts'
import type { Catalogue } from '../data/desk.ts'
import type { Problem } from '../data/model.ts'
import { to } from '../route.ts'
import { desk } from '../text/desk.ts'
import { AlertRow, Told, whose } from '../ui/alert.tsx'

const FOLDED = 4

export function GroupRow({ group, catalogue }: { group: Problem[]; catalogue: Catalogue }) {
  const lead = group[0]!
  const rule = catalogue.rules.get(lead.rule)
  const [what, cost] = parted(lead.text, rule?.cost)
  const below = rule && <Links rule={rule.id} link={rule.link} />
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

function Links({ rule, link }: { rule: string; link: string }) {
  return (
    <span class="links">
      <a href={`${to.alerts}/rules/${rule}`}>{desk.row.rule}</a>
      {link.startsWith('https://') && <a href={link} target="_blank" rel="noopener noreferrer">{desk.row.howTo}</a>}
    </span>
  )
}
