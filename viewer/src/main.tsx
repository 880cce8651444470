import './theme.ts'
import './style/index.css'
import { render } from 'preact'
import { App } from './app.tsx'
import { start } from './data/agent.ts'
import { listenToKeys } from './keys.ts'

render(<App />, document.getElementById('app')!)
listenToKeys()
void start()
