/** The sections of the page: where one is, and a way to each. */

import { useEffect, useRef, useState } from 'preact/hooks'
import { to } from '../../route.ts'
import { nodeWords } from '../../text/node.ts'

export const SECTIONS = ['traffic', 'reputation', 'storage', 'money', 'tasks', 'errors', 'events'] as const
export type SectionId = (typeof SECTIONS)[number]

const say = nodeWords.nodePage

/** With these a reader moves the page; until then one is where the bar has led, were it too near the foot to be on top. */
const OWN = ['wheel', 'touchmove', 'keydown', 'pointerdown']

/** The last section whose head has passed the bar; at the foot of the page the last. */
function seen(): SectionId {
  const line = innerHeight * 0.3
  const passed = SECTIONS.filter(id => (document.getElementById(`at-${id}`)?.getBoundingClientRect().top ?? Infinity) < line)
  const foot = scrollY > 0 && innerHeight + scrollY >= document.documentElement.scrollHeight - 2
  return foot ? SECTIONS.at(-1)! : (passed.at(-1) ?? SECTIONS[0])
}

/** `section`: where the address leads. */
export function Jump({ node, section }: { node: string; section: string | undefined }) {
  const [at, setAt] = useState<SectionId>('traffic')
  const bar = useRef<HTMLElement>(null)
  useEffect(() => {
    // on a phone the bar is wider than the screen: where one is stays in sight
    const link = bar.current?.querySelector<HTMLElement>('[aria-current]')
    if (link) bar.current?.scrollTo({ left: link.offsetLeft - bar.current.clientWidth / 2 + link.clientWidth / 2 })
  }, [at])
  const chosen = useRef<SectionId | null>(null)
  useEffect(() => {
    chosen.current = SECTIONS.find(id => id === section) ?? null
    if (chosen.current) setAt(chosen.current)
  }, [section])
  useEffect(() => {
    const look = (): void => setAt(chosen.current ?? seen())
    const letGo = (): void => void (chosen.current = null)
    addEventListener('scroll', look, { passive: true })
    for (const own of OWN) addEventListener(own, letGo, { passive: true })
    return () => {
      removeEventListener('scroll', look)
      for (const own of OWN) removeEventListener(own, letGo)
    }
  }, [])
  const choose = (event: MouseEvent, id: SectionId): void => {
    if (!press(event, id)) return
    chosen.current = id
    setAt(id)
  }
  return (
    <nav class="jump" ref={bar} aria-label={say.sections}>
      {SECTIONS.map(id => (
        <a key={id} href={to.section(node, id)} onClick={event => choose(event, id)} {...(at === id ? { 'aria-current': 'true' as const } : {})}>{say.names[id]}</a>
      ))}
    </nav>
  )
}

/** Within the page without a new entry in its history; the address still is one to share. False: for another tab. */
function press(event: MouseEvent, id: SectionId): boolean {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return false
  event.preventDefault()
  history.replaceState(null, '', (event.currentTarget as HTMLAnchorElement).href)
  goTo(id)
  return true
}

export function goTo(id: string): void {
  const head = document.getElementById(`at-${id}`)
  head?.scrollIntoView()
  head?.focus({ preventScroll: true })
}
