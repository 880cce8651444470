/** The settings of this page as a file, out and in. */

import { useState } from 'preact/hooks'
import { ask, connection } from '../data/agent.ts'
import { renew } from '../data/resource.ts'
import { desk } from '../text/desk.ts'
import { words } from '../text/words.ts'
import { download, toast } from '../ui/parts.tsx'

const say = desk.carry
const MOST = 256 * 1024

const failed = (error: unknown): void => toast(words.failed(error instanceof Error ? error.message : String(error)))

export function CarryCard() {
  return (
    <section class="card w12" id="set-carry">
      <header class="hd0"><h2>{say.head}</h2></header>
      <p class="m soft gap4">{say.body}</p>
      <div class="halves">
        <Export />
        <Import />
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

function Import() {
  const [file, setFile] = useState<File | null>(null)
  const [changed, setChanged] = useState<string[] | null>(null)
  const send = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (!file) return
    if (file.size > MOST) return toast(say.tooBig)
    try {
      setChanged((await ask<{ changed: string[] }>('settings_import', { toml: await file.text() })).changed)
      renew('settings')
    } catch (error) {
      setChanged(null)
      failed(error)
    }
  }
  return (
    <form class="form" onSubmit={event => void send(event)}>
      <label>{say.importBody}<input class="field file" type="file" accept=".toml,application/toml,text/plain" aria-label={say.file} onChange={event => { setFile(event.currentTarget.files?.[0] ?? null); setChanged(null) }} /></label>
      <p><button class="btn" type="submit" disabled={!file || connection.phase.value !== 'live'}>{say.importMain(file?.name ?? '')}</button></p>
      {changed && <div class="m" role="status"><p>{say.changed(changed.length)}</p><ul class="bullets">{changed.map(one => <li key={one}>{one}</li>)}</ul></div>}
    </form>
  )
}
