/** The settings of this page as a file, out and in. */

import { useEffect, useRef, useState } from 'preact/hooks'
import { ask, connection } from '../data/agent.ts'
import { changeRows, type Change, type ChangeRow } from '../data/carry.ts'
import { renew } from '../data/resource.ts'
import type { Limit } from '../data/settings.ts'
import { desk } from '../text/desk.ts'
import { words } from '../text/words.ts'
import { download, Scroll, toast } from '../ui/parts.tsx'

const say = desk.carry
const MOST = 256 * 1024

const failed = (error: unknown): void => toast(words.failed(error instanceof Error ? error.message : String(error)))

export function CarryCard({ limits }: { limits: readonly Limit[] }) {
  return (
    <section class="card w12" id="set-carry">
      <header class="hd0"><h2>{say.head}</h2></header>
      <p class="m soft gap4">{say.body}</p>
      <div class="halves">
        <Export />
        <Import limits={limits} />
      </div>
    </section>
  )
}

function Export() {
  const [secrets, setSecrets] = useState(false)
  const save = async (): Promise<void> => {
    try {
      const { toml } = await ask<{ toml: string }>('settings_export', { secrets })
      download(`storj-monitor-${connection.agent.value || 'settings'}.toml`, toml, 'application/toml')
      toast(say.exported)
    } catch (error) {
      failed(error)
    }
  }
  return (
    <div class="form">
      <label class="box"><input type="checkbox" checked={secrets} onChange={() => setSecrets(!secrets)} /> {say.secrets}</label>
      <p><button class="btn" type="button" disabled={connection.phase.value !== 'live'} onClick={() => void save()}>{secrets ? say.exportSecrets : say.exportMain}</button></p>
    </div>
  )
}

/** Looked into first, then applied. */
type Stage = { at: 'choose' } | { at: 'look'; toml: string; rows: ChangeRow[]; changes: number } | { at: 'done'; changed: string[] }
interface Answer { changed: string[]; changes: Change[] }

function Import({ limits }: { limits: readonly Limit[] }) {
  const [file, setFile] = useState<File | null>(null)
  const [stage, setStage] = useState<Stage>({ at: 'choose' })
  const back = (): void => setStage({ at: 'choose' })
  const run = async (work: () => Promise<Stage>): Promise<void> => {
    try {
      setStage(await work())
    } catch (error) {
      back()
      failed(error)
    }
  }
  const look = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (!file) return
    if (file.size > MOST) return toast(say.tooBig)
    await run(async () => {
      const toml = await file.text()
      const { changes } = await ask<Answer>('settings_import', { toml, dry_run: true })
      return { at: 'look', toml, rows: changeRows(changes, limits), changes: changes.length }
    })
  }
  const apply = (toml: string): Promise<void> => run(async () => {
    const { changed } = await ask<Answer>('settings_import', { toml })
    renew('settings')
    return { at: 'done', changed }
  })
  const off = connection.phase.value !== 'live'
  return (
    <form class="form" onSubmit={event => void look(event)}>
      <label>{say.importBody}<input class="field file" type="file" accept=".toml,application/toml,text/plain" aria-label={say.file} onChange={event => { setFile(event.currentTarget.files?.[0] ?? null); back() }} /></label>
      {stage.at !== 'look' && <p><button class="btn" type="submit" disabled={!file || off}>{say.look(file?.name ?? '')}</button></p>}
      {stage.at === 'look' && <Preview rows={stage.rows} changes={stage.changes} off={off} apply={() => void apply(stage.toml)} cancel={back} />}
      {stage.at === 'done' && <div class="m" role="status"><p>{say.changed(stage.changed.length)}</p><ul class="bullets">{stage.changed.map(one => <li key={one}>{one}</li>)}</ul></div>}
    </form>
  )
}

interface PreviewProps { rows: ChangeRow[]; changes: number; off: boolean; apply(): void; cancel(): void }

function Preview({ rows, changes, off, apply, cancel }: PreviewProps) {
  const head = useRef<HTMLParagraphElement>(null)
  useEffect(() => head.current?.focus(), [])
  return (
    <div class="m preview">
      <p ref={head} tabIndex={-1} role="status">{say.would(changes)}</p>
      {rows.length > 0 && (
        <Scroll label={say.caption}>
          <table>
            <caption class="vh">{say.caption}</caption>
            <thead><tr><th scope="col">{say.what}</th><th scope="col">{say.was}</th><th scope="col">{say.becomes}</th></tr></thead>
            <tbody>{rows.map(({ key, what, was, becomes }) => <tr key={key}><th scope="row" class="wrap">{what}</th><td class="soft wrap">{was ?? say.nothing}</td><td class="wrap"><b>{becomes}</b></td></tr>)}</tbody>
          </table>
        </Scroll>
      )}
      <div class="opts right">
        <button class="btn" type="button" onClick={cancel}>{say.cancel}</button>
        {changes > 0 && <button class="btn main" type="button" disabled={off} onClick={apply}>{say.apply(changes)}</button>}
      </div>
    </div>
  )
}
