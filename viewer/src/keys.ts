/** Single keys; off in fields and while a modifier is held. */

import { RANGES } from './data/series.ts'
import { singleKeys } from './prefs.ts'
import { go, to } from './route.ts'
import { nextTheme } from './theme.ts'

const PAGES: Record<string, string> = { o: to.overview, l: to.live, c: to.compare, a: to.alerts, r: to.reports, s: to.settings }
let gone = 0 // when `g` was pressed

const visible = (selector: string): HTMLElement[] => [...document.querySelectorAll<HTMLElement>(selector)].filter(one => one.offsetParent !== null)
const press = (selector: string, root: ParentNode = document): void => root.querySelector<HTMLElement>(selector)?.click()

/** The alert, card or line that has the focus, or the first alert. */
function row(): HTMLElement | null {
  return document.activeElement?.closest<HTMLElement>('[data-row]') ?? document.querySelector<HTMLElement>('.alert[data-row]')
}

function step(by: number): void {
  const rows = visible('[data-row]')
  const at = rows.findIndex(one => one.contains(document.activeElement))
  const next = rows[at === -1 ? (by > 0 ? 0 : rows.length - 1) : at + by]
  next?.querySelector<HTMLElement>('summary, a, button')?.focus()
}

function range(by: number): void {
  for (const card of visible('[data-ranges]').slice(0, 1)) {
    const at = RANGES.findIndex(one => one.id === card.dataset['ranges'])
    card.querySelectorAll<HTMLElement>('.seg:last-of-type button')[at + by]?.click()
  }
}

const KEYS: Record<string, () => void> = {
  t: nextTheme,
  '?': () => document.body.classList.toggle('help'),
  '/': () => visible('[data-find]')[0]?.focus(),
  j: () => step(1),
  k: () => step(-1),
  a: () => row() && press('[data-act=a]', row()!),
  s: () => press('[data-act=s]', row() ?? document),
  '[': () => range(-1),
  ']': () => range(1),
  '.': () => (document.activeElement?.closest('.chart')?.querySelector<HTMLElement>('[data-key="."]') ?? visible('[data-key="."]')[0])?.click(),
}

function take(event: KeyboardEvent): void {
  const target = event.target as HTMLElement
  if (!singleKeys.value || event.ctrlKey || event.metaKey || event.altKey || target.closest('input, select, textarea, dialog')) return
  if (event.key === 'g') {
    gone = Date.now()
    return
  }
  const page = Date.now() - gone < 1500 ? PAGES[event.key] : undefined
  gone = 0
  if (page) return go(page)
  if (event.key === 'Escape' && location.hash.startsWith('#/node/')) return go(to.overview)
  const act = KEYS[event.key]
  if (!act) return
  event.preventDefault()
  act()
}

export const listenToKeys = (): void => addEventListener('keydown', take)
