/** A view that is loaded when somebody goes there. */

import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { words } from '../text/words.ts'
import { Skeleton } from './parts.tsx'

/** Call once a view, outside of components. */
export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): (props: P) => preact.JSX.Element {
  let loaded: ComponentType<P> | null = null
  return function Lazy(props: P) {
    const [View, setView] = useState<ComponentType<P> | null>(() => loaded)
    const [failed, fail] = useState(false)
    useEffect(() => {
      if (loaded) return
      load().then(view => setView(() => (loaded = view)), () => fail(true))
    }, [])
    if (View) return <View {...props} />
    return failed ? <Outdated /> : <Skeleton lines={4} />
  }
}

/** The agent was updated: the files of this page are gone. */
function Outdated() {
  return (
    <div class="empty">
      <h1>{words.outdated.head}</h1>
      <p class="gapt"><button class="btn main" type="button" onClick={() => location.reload()}>{words.connection.reload}</button></p>
    </div>
  )
}
