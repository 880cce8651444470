/** Light, dark or as the system. This module comes first, so that the page never shows in the wrong one. */

import { signal } from '@preact/signals'

export const THEMES = ['auto', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

function remembered(): Theme {
  try {
    return THEMES.find(theme => theme === localStorage.getItem('theme')) ?? 'auto'
  } catch {
    return 'auto' // storage forbidden: the choice lasts until reload
  }
}

export const theme = signal<Theme>(remembered())
/** Grows whenever the colours change, by choice or by the system. */
export const themeVersion = signal(0)

function apply(): void {
  if (theme.value === 'auto') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme.value
  themeVersion.value++
}

apply()
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => themeVersion.value++)

export const nextTheme = (): void => setTheme(THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length]!)

export function setTheme(chosen: Theme): void {
  theme.value = chosen
  try {
    localStorage.setItem('theme', theme.value)
  } catch {
    // see remembered
  }
  apply()
}
