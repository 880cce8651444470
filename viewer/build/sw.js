/* Keeps the shell of the page, nothing else: what the agent says never passes through here. */
const VERSION = 'VERSION'
const FILES = ['FILES']
const CACHE = `shell ${VERSION}`
const PATIENCE = 3000 // ms for the agent to answer before the kept page opens

self.addEventListener('install', event => {
  event.waitUntil(caches.open(CACHE).then(cache => cache.addAll(FILES)))
})

self.addEventListener('activate', event => {
  const old = name => name.startsWith('shell ') && name !== CACHE
  event.waitUntil(caches.keys().then(names => Promise.all(names.filter(old).map(name => caches.delete(name)))))
})

self.addEventListener('message', event => {
  if (event.data === 'now') self.skipWaiting()
})

self.addEventListener('fetch', event => {
  const { request } = event
  const path = new URL(request.url).pathname.slice(new URL(self.registration.scope).pathname.length)
  if (request.method !== 'GET') return
  if (request.mode === 'navigate' && (path === '' || path === 'index.html')) event.respondWith(page(request))
  else if (path.startsWith('assets/') || path === 'icon.svg') event.respondWith(kept(request))
})

async function kept(request) {
  return (await caches.match(request)) ?? fetch(request)
}

/** The agent's page while it answers, the kept one when it does not. */
async function page(request) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error('late')), PATIENCE))
  try {
    return await Promise.race([fetch(request), late])
  } catch {
    return (await caches.match('./')) ?? fetch(request)
  }
}
