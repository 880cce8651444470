import { afterEach, expect, test, vi } from 'vitest'
import { ask, connection } from '../src/data/agent.ts'
import { RequestError } from '../src/data/protocol.ts'

afterEach(() => vi.restoreAllMocks())

test('what one agent of a fleet does not know is asked of the others all the same, and of it once only', async () => {
  const asked: string[] = []
  vi.spyOn(connection, 'request').mockImplementation(async (cmd: string, args: Record<string, unknown> = {}) => {
    asked.push(String(args['agent']))
    if (args['agent'] === 'old') throw new RequestError('unknown_command', `There is no command ${cmd}.`)
    return [] as never
  })
  await expect(ask('silences', { agent: 'old' })).rejects.toThrow('There is no command')
  await expect(ask('silences', { agent: 'new' })).resolves.toEqual([])
  await expect(ask('silences', { agent: 'old' })).rejects.toThrow()
  expect(asked).toEqual(['old', 'new'])
})
