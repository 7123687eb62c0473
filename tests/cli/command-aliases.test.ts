import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { COMMAND_ALIASES } from '../../src/cli/command-aliases.ts'
import { findCommand } from '../../src/cli/commands.ts'
import { packageRoot } from '../../src/cli/package-root.ts'
import { makeTempDir } from '../support/temp-dir.ts'
import { oc, ocProcess } from './support/run-cli.ts'

const page = readFileSync(join(packageRoot, 'docs/compatibility.md'), 'utf8')
const aliases = [...COMMAND_ALIASES].map(([alias, words]) => ({ alias, words }))

describe('a name from another system', () => {
  it.each(aliases)('$alias is no command of ours, and stands on the page', ({ alias, words }) => {
    expect(findCommand(alias)).toBeNull()
    expect(page).toContain(`\n| \`${alias}\` | ${words.length === 0 ? 'nothing' : `\`${words.join(' ')}\``}`)
  })

  it.each(aliases.filter(({ words }) => words.length > 0 && words[0] !== 'status'))(
    '$alias is the command it stands for',
    async ({ alias, words }) => {
      const ran = await oc(alias, '--help')
      expect(ran).toMatchObject({ code: 0, stderr: '' })
      expect(ran).toEqual(await oc(...words, '--help'))
    },
  )

  it('may stand for some options too, and takes ours after it', async () => {
    const dir = makeTempDir('aliases')
    expect(await ocProcess(['dev-status', '--state-dir', dir])).toMatchObject({ code: 0 })
    expect(await ocProcess(['heartbeat-check', '--state-dir', dir])).toMatchObject({ code: 13 })
    expect(await ocProcess(['supervise', 'status', '--state-dir', dir, '--exit-code'])).toMatchObject({
      code: 13,
      stdout: expect.stringContaining('snapshot_only'),
    })
  })
})
