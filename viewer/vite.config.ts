import { defineConfig } from 'vitest/config'
import { compress } from './build/compress.ts'
import { land } from './build/land.ts'
import { worker } from './build/worker.ts'

export default defineConfig({
  base: './', // the page may live under any path behind a reverse proxy
  plugins: [land(), worker(), compress()],
  build: {
    outDir: '../agent/storj_monitor/web',
    emptyOutDir: true,
    target: 'es2022',
    // the tokens are written with light-dark(): translating it for older browsers would break the choice of theme
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  test: {
    setupFiles: ['test/setup.ts'],
    env: { TZ: 'Europe/Berlin', LANG: 'en-GB' },
  },
})
