/** The page as an app: only over https or on localhost do browsers allow it. A new build is offered, never forced. */

import { toast } from './ui/parts.tsx'
import { words } from './text/words.ts'

const AFTER = 5000 // ms: the first picture comes first

export async function beInstallable(): Promise<void> {
  if (!isSecureContext || !('serviceWorker' in navigator) || import.meta.env.DEV) return
  await new Promise(resolve => setTimeout(resolve, AFTER))
  try {
    const registration = await navigator.serviceWorker.register('./sw.js', { scope: './' })
    registration.addEventListener('updatefound', () => follow(registration))
    if (registration.waiting) offer(registration.waiting)
  } catch {
    // storage forbidden or an odd proxy: the page works without
  }
}

function follow({ installing }: ServiceWorkerRegistration): void {
  installing?.addEventListener('statechange', () => {
    // the first worker ever replaces nothing
    if (installing.state === 'installed' && navigator.serviceWorker.controller) offer(installing)
  })
}

function offer(worker: ServiceWorker): void {
  toast(words.update.head, { name: words.connection.reload, act: () => take(worker) }, 60)
}

function take(worker: ServiceWorker): void {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
  worker.postMessage('now')
}
