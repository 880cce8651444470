import './theme.ts'
import './style/index.css'
import { render } from 'preact'
import { App } from './app.tsx'
import { start } from './data/agent.ts'
import { beInstallable } from './install.ts'
import { listenToKeys } from './keys.ts'
import { rememberPrefs } from './prefs.ts'

// in a task of its own: reading the program and drawing the page are each long on a phone
setTimeout(() => {
  rememberPrefs()
  render(<App />, document.getElementById('app')!)
  listenToKeys()
  void start()
  void beInstallable()
})
