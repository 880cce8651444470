import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Plugin } from 'vite'

/** Writes `sw.js` with the names of this build's files; a new build is a new worker, which the page offers. */
export function worker(): Plugin {
  return {
    name: 'worker',
    apply: 'build',
    generateBundle: {
      // last of all: chunks that were only styles are gone by then, and a file too many would keep the worker from starting
      order: 'post',
      handler(_, bundle) {
        const files = Object.keys(bundle).filter(name => !name.endsWith('.html')).sort()
        const version = createHash('sha256').update(files.join()).digest('hex').slice(0, 12)
        const source = readFileSync(new URL('./sw.js', import.meta.url), 'utf8')
          .replace("'VERSION'", JSON.stringify(version))
          .replace("['FILES']", JSON.stringify(['./', './icon.svg', './manifest.webmanifest', ...files.map(name => `./${name}`)]))
        this.emitFile({ type: 'asset', fileName: 'sw.js', source })
      },
    },
  }
}
