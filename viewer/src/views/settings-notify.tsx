/** When people are told: quiet hours, the time zone, the digest; each with the file's value beside. */

import { useState } from 'preact/hooks'
import { connection } from '../data/agent.ts'
import { change, type Kept, type Notify } from '../data/settings.ts'
import { desk } from '../text/desk.ts'
import { Seg } from '../ui/parts.tsx'

const say = desk.notify
const DIGESTS = ['off', 'daily', 'weekly'].map(one => [one, say.digests[one]!] as const)
const SWITCH = [['off', say.off], ['on', say.on]] as const
const NIGHT = '22:00-07:00'

type Key = keyof Notify

const shown = (key: Key, value: string | null): string => (key === 'digest' ? (say.digests[value ?? ''] ?? '') : value || say.none)

/** Undo goes back to what was set before, or to the file's value. */
function save(key: Key, name: string, value: string, before: Kept<string | null>): void {
  const undo = { key: `notify.${key}`, value: before.set ? (before.value ?? '') : null, said: desk.settings.saved(name, shown(key, before.value)) }
  void change({ key: `notify.${key}`, value }, desk.settings.saved(name, shown(key, value)), undo)
}

export function NotifyCard({ notify }: { notify: Notify }) {
  const off = connection.phase.value !== 'live'
  return (
    <section class="card w5">
      <header><h2>{say.head}</h2></header>
      <div class="form">
        <QuietHours kept={notify.quiet_hours} off={off} />
        <Row name={say.zone} of="timezone" kept={notify.timezone} off={off}>
          <Zone kept={notify.timezone} off={off} />
        </Row>
        <Row name={say.digest} of="digest" kept={notify.digest} off={off}>
          <Seg label={say.digest} of={DIGESTS} value={notify.digest.value} set={value => off || save('digest', say.digest, value, notify.digest)} />
        </Row>
        {notify.digest.value !== 'off' && (
          <Row name={say.time} of="digest_time" kept={notify.digest_time} off={off}>
            <Time name={say.time} value={notify.digest_time.value} off={off} set={value => save('digest_time', say.time, value, notify.digest_time)} />
          </Row>
        )}
      </div>
    </section>
  )
}

interface RowProps { name: string; of: Key; kept: Kept<string | null>; off: boolean; below?: string; children: preact.ComponentChildren }

function Row({ name, of, kept, off, below, children }: RowProps) {
  return (
    <div class="setrow">
      <span class="m">{name}</span>
      <div class="opts">{children}</div>
      <p class="s faint">
        {below && <>{below} </>}
        {kept.set && <>{desk.settings.file(shown(of, kept.file))} <button class="link" type="button" disabled={off} aria-label={`${desk.settings.reset}: ${name}`} onClick={() => void change({ key: `notify.${of}`, value: null }, desk.settings.wasReset(name))}>{desk.settings.reset}</button></>}
      </p>
    </div>
  )
}

function QuietHours({ kept, off }: { kept: Kept<string | null>; off: boolean }) {
  const [from = '', until = ''] = (kept.value ?? '').split('-')
  const set = (value: string): void => save('quiet_hours', say.quiet, value, kept)
  return (
    <Row name={say.quiet} of="quiet_hours" kept={kept} off={off} below={say.quietBelow}>
      {/* null would go back to the file: none at all is an empty text */}
      <Seg label={say.quiet} of={SWITCH} value={kept.value ? 'on' : 'off'} set={value => off || (value === 'on') === Boolean(kept.value) || set(value === 'on' ? (kept.file ?? NIGHT) : '')} />
      {kept.value && (
        <>
          <Time name={`${say.quiet}, ${say.from}`} value={from} off={off} set={value => set(`${value}-${until}`)} />
          <span class="soft">{say.to}</span>
          <Time name={`${say.quiet}, ${say.to}`} value={until} off={off} set={value => set(`${from}-${value}`)} />
        </>
      )}
    </Row>
  )
}

/** Saved when it is whole and left, or with Enter: not with every digit. */
function Time({ name, value, off, set }: { name: string; value: string; off: boolean; set(value: string): void }) {
  const take = (next: string): void => void (/^\d\d:\d\d$/.test(next) && next !== value && set(next))
  return <input class="field" type="time" aria-label={name} defaultValue={value} key={value} disabled={off} onBlur={event => take(event.currentTarget.value)} onKeyDown={event => event.key === 'Enter' && take(event.currentTarget.value)} />
}

const zones = (): string[] => ['UTC', ...Intl.supportedValuesOf('timeZone')]

function Zone({ kept, off }: { kept: Kept<string>; off: boolean }) {
  const [bad, setBad] = useState(false)
  const take = (next: string): void => {
    if (next === kept.value) return
    const known = zones().includes(next)
    setBad(!known)
    if (known) save('timezone', say.zone, next, kept)
  }
  return (
    <>
      <input class="field" list="zones" aria-label={say.zone} aria-invalid={bad} defaultValue={kept.value} key={kept.value} disabled={off} onChange={event => take(event.currentTarget.value.trim())} />
      <datalist id="zones">{zones().map(zone => <option key={zone} value={zone} />)}</datalist>
      {bad && <span class="s crit" role="alert">{say.badZone}</span>}
    </>
  )
}
