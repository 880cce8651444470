/** What the page shows when there is nothing to show yet: login, empty, away, another language. */

import { useEffect, useRef, useState } from 'preact/hooks'
import { connection, trueAt } from '../data/agent.ts'
import { door, type Refusal } from '../data/door.ts'
import { agents, now } from '../data/store.ts'
import { clock, duration } from '../text/times.ts'
import { words } from '../text/words.ts'
import { Icon } from '../ui/icons.tsx'

export function NoNodes() {
  const say = words.empty
  return (
    <div class="empty">
      <h1>{say.head}</h1>
      <p class="soft">{say.body(connection.agent.value || location.hostname)}</p>
      <ol>
        <li><b>{say.find}</b><pre tabIndex={0}>{say.findCommand}</pre><span class="m soft">{say.findBelow}</span></li>
        <li><b>{say.name}</b><pre tabIndex={0}>{say.nameCommand}</pre></li>
        <li><b>{say.look}</b> <code>{say.lookCommand}</code> {say.lookBelow}</li>
      </ol>
      <p class="m soft">{say.foot}</p>
    </div>
  )
}

export function Nowhere() {
  return (
    <div class="empty">
      <h1>{words.notFound.head}</h1>
      <p class="soft">{words.notFound.body} <a href="#/">{words.pages.overview}</a></p>
    </div>
  )
}

export function Refused() {
  return (
    <div class="empty">
      <h1>{words.connection.refusedHead}</h1>
      <p class="soft">{words.connection.refusedBody}</p>
      <p class="gapt"><button class="btn main" type="button" onClick={() => location.reload()}>{words.connection.reload}</button></p>
    </div>
  )
}

/** Nothing was ever heard, and nothing is kept. */
export function Unheard() {
  return (
    <div class="empty">
      <h1>{words.connection.nothingHead}</h1>
      <p class="soft">{words.connection.nothingBody}</p>
      <pre tabIndex={0}>{words.connection.nothingCommand}</pre>
      <p class="gapt"><Trying /> <TryNow /></p>
    </div>
  )
}

function Trying() {
  const at = connection.retryAt.value
  now.value // counts down
  return <span class="m soft">{words.connection.trying(at ? Math.max(0, Math.round((at - Date.now()) / 1000)) : 0)}</span>
}

function TryNow() {
  return <button class="btn" type="button" onClick={() => connection.again()}>{words.connection.tryNow}</button>
}

/** Above the greyed page while the agent is away. */
export function AwayBanner() {
  const at = trueAt() ?? now.value
  const name = connection.agent.value || (agents.value.length === 1 ? agents.value[0]! : '')
  const host = name ? words.connection.agentOn(name) : words.connection.theAgent
  return (
    <div class="banner" role="status">
      <Icon name="away" />
      <div>
        <b>{words.connection.awayHead(host, duration(Math.max(1, now.value - at)))}</b>
        <span class="m soft">{words.connection.awayBody(clock(at))} </span><Trying />
      </div>
      <span class="grow" />
      <TryNow />
    </div>
  )
}

/** Wants the token of the agent; of one elsewhere it asks first whether to talk to it at all. */
export function Login() {
  const field = useRef<HTMLInputElement>(null)
  const [said, setSaid] = useState<Refusal | null>(null)
  const refusal = said ?? door.refused.value
  useEffect(() => field.current?.focus(), [])
  useEffect(() => { if (refusal) field.current?.select() }, [refusal])
  const send = async (event: Event): Promise<void> => {
    event.preventDefault()
    const refused = await door.unlock(field.current!.value.trim())
    setSaid(refused)
    if (!refused) connection.again()
  }
  const say = door.elsewhere ? words.elsewhere : words.login
  return (
    <form class="empty login" onSubmit={event => void send(event)}>
      <h1>{say.head}</h1>
      <p class="soft">{say.body}</p>
      {door.elsewhere && <pre>{door.elsewhere}</pre>}
      <label class="gapt">
        <span class="m soft">{words.login.field}</span>
        <input class="field" ref={field} type="password" name="token" autocomplete="current-password" required aria-invalid={refusal === 'wrong'} aria-describedby="login-said" />
      </label>
      <p id="login-said" class="m crit" role="alert">{refusal && words.login[refusal]}</p>
      <button class="btn main" type="submit">{say.send}</button>
    </form>
  )
}
