/** The dialog that silences: of what, and for how long. */

import { useState } from 'preact/hooks'
import { agentArgs, maintenance } from '../data/actions.ts'
import { rulesOf } from '../data/alerts.ts'
import { ask } from '../data/agent.ts'
import { satellitesOf, type Problem } from '../data/model.ts'
import { useResource } from '../data/resource.ts'
import { aimOf, begin, named, type Aim } from '../data/silences.ts'
import { agents, now, nodes, nodeOf } from '../data/store.ts'
import { dayAndTime, duration, HOUR } from '../text/times.ts'
import { desk } from '../text/desk.ts'
import { words } from '../text/words.ts'
import { Modal, showDialog } from './dialog.tsx'
import { Seg } from './parts.tsx'

const say = desk.silence
const MOST = 8760
const HOURS = [['1', '1 h'], ['8', '8 h'], ['24', '24 h'], ['168', '7 d'], ['', say.other]] as const
type Hours = (typeof HOURS)[number][0]

export function openSilence(group: Problem[], done?: () => void): void {
  const hosts = [...new Set(group.map(({ agent }) => agent))]
  const first = group[0] ? aimOf(group[0]) : { agent: agents.peek()[0] ?? '', node: null, rule: null, satellite: null }
  // what several agents say alike is silenced by its rule on all of them
  const aim = hosts.length > 1 ? { ...first, node: null, satellite: null } : first
  showDialog(close => <Silence key="silence" hosts={hosts.length ? hosts : [first.agent]} first={aim} satellites={satellitesOf(group)} close={close} done={done} />)
}

interface Props { hosts: string[]; first: Aim; satellites: string[]; close(): void; done?: (() => void) | undefined }

function Silence({ hosts, first, satellites, close, done }: Props) {
  const [aim, setAim] = useState(first)
  const [choice, choose] = useState<Hours>('8')
  const [own, setOwn] = useState('48')
  const hours = Number(choice || own)
  const valid = hours > 0 && hours <= MOST
  const span = valid ? duration(hours * HOUR) : words.alert.silence
  const shared = hosts.length > 1
  const send = async (event: Event): Promise<void> => {
    event.preventDefault()
    if (!valid) return
    close()
    if (await begin(hosts.map(agent => ({ ...aim, agent: shared ? agent : aim.agent })), hours, span)) done?.()
  }
  return (
    <Modal title={say.ask(named(aim))} close={close}>
      <form class="form" onSubmit={event => void send(event)}>
        {shared ? <p class="m soft">{say.hosts(hosts.join(', '))}</p> : <Aims aim={aim} set={setAim} satellites={satellites} />}
        <div class="opts"><Seg label={say.span} of={HOURS} value={choice} set={choose} /></div>
        {choice === '' && <label>{say.hours}<input class="field" type="number" inputMode="decimal" min="0.5" max={MOST} step="0.5" value={own} onInput={event => setOwn(event.currentTarget.value)} /></label>}
        <p class="m soft">{valid ? say.body(dayAndTime(now.peek() + hours * HOUR)) : say.bad}</p>
        <Working aim={aim} close={close} />
        <div class="opts right">
          <button class="btn" type="button" onClick={close}>{words.alert.cancel}</button>
          <button class="btn main" type="submit" disabled={!valid}>{words.alert.silenceFor(span)}</button>
        </div>
      </form>
    </Modal>
  )
}

/** Who works on a node wants something else: silence that ends by itself once the node is back. */
function Working({ aim, close }: { aim: Aim; close(): void }) {
  const node = aim.node === null ? null : nodeOf(`${aim.agent}/${aim.node}`).value
  if (!node) return null
  const instead = (): void => {
    close()
    maintenance(node)
  }
  return <p class="m soft">{say.working(node.name)} <button class="link" type="button" onClick={instead}>{words.maintenance.start}</button></p>
}

function Aims({ aim, set, satellites }: { aim: Aim; set(aim: Aim): void; satellites: string[] }) {
  const rules = useResource(`rules ${aim.agent}`, 3600, async () => rulesOf(await ask('rules', agentArgs(aim.agent))))
  const mine = nodes.value.filter(({ agent }) => agent === aim.agent)
  const seen = mine.filter(({ name }) => aim.node === null || name === aim.node).flatMap(node => node.satellites.map(({ name }) => name))
  const lists: [key: 'node' | 'rule' | 'satellite', name: string, every: string, of: string[]][] = [
    ['node', words.columns.node, say.everyNode, mine.map(({ name }) => name)],
    ['rule', say.rule, say.everyRule, (rules.value ?? []).map(({ id }) => id)],
    ['satellite', words.reputation.satellite, say.everySatellite, [...seen, ...satellites]],
  ]
  return (
    <>
      {agents.value.length > 1 && (
        <label>{desk.browser.host}
          <select class="field" value={aim.agent} onChange={event => set({ ...aim, agent: event.currentTarget.value, node: null, satellite: null })}>{agents.value.map(one => <option key={one}>{one}</option>)}</select>
        </label>
      )}
      {lists.map(([key, name, every, of]) => (
        <label key={key}>{name}
          <select class="field" value={aim[key] ?? ''} onChange={event => set({ ...aim, [key]: event.currentTarget.value || null })}>
            <option value="">{every}</option>
            {[...new Set([...of, ...(aim[key] ? [aim[key]] : [])])].sort().map(one => <option key={one} value={one}>{one}</option>)}
          </select>
        </label>
      ))}
    </>
  )
}
