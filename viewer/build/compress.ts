import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

const TEXT = /\.(css|html|js|json|svg|txt|webmanifest)$/
const WORTH_IT = 512 // bytes; smaller files gain nothing

/** Puts `.br` and `.gz` beside each text file of the bundle, so that the agent never compresses while it serves. */
export function compress(): Plugin {
  return {
    name: 'compress',
    apply: 'build',
    writeBundle(options) {
      const folder = options.dir ?? ''
      for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
        if (TEXT.test(name)) shrink(join(folder, name))
      }
    },
  }
}

function shrink(path: string): void {
  const body = readFileSync(path)
  if (body.length < WORTH_IT) return
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: body.length }
  writeFileSync(`${path}.br`, brotliCompressSync(body, { params }))
  writeFileSync(`${path}.gz`, gzipSync(body, { level: 9 }))
}
