import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createMachine } from 'xstate'
import { describeMachine } from '../../../src/cli/docs/describe-machine.ts'
import { renderMachine } from '../../../src/cli/docs/render-machine.ts'
import { packageRoot } from '../../../src/cli/package-root.ts'

const lamp = createMachine({
  id: 'lamp',
  initial: 'off',
  on: { CUT: '.broken' },
  states: {
    off: { description: 'Dark.', on: { SWITCH: { guard: 'hasPower', target: 'on', actions: 'count' } } },
    on: {
      initial: 'bright',
      after: { timeout: 'off' },
      states: { bright: { on: { DIM: 'dim', LOOK: { actions: 'look' } } }, dim: {} },
    },
    broken: { type: 'final' },
  },
})

const page = (quiet: string[] = []) => renderMachine(describeMachine(lamp), { owner: 'A lamp.', quiet })

describe('a page of a machine', () => {
  it('draws inner states inside, and one arrow for each way', () => {
    expect(page()).toContain('  state "on" as on {\n    [*] --> on_bright\n')
    expect(page()).toContain('  off --> on : SWITCH\n')
    expect(page()).toContain('  on --> off : after timeout\n')
    expect(page()).toContain('  broken --> [*]\n')
  })

  it('tells event, guard, target and actions, also where the machine stays', () => {
    expect(page()).toContain('### off\n\nDark.\n')
    expect(page()).toContain('| SWITCH | `hasPower` | on | `count` |')
    expect(page()).toContain('| LOOK |  | (stays) | `look` |')
    expect(page()).toContain('## In every state\n\n| event | if | then | doing |\n|---|---|---|---|\n| CUT |')
  })

  it('leaves quiet events and states out of the drawing, not out of the tables', () => {
    const quiet = page(['SWITCH', 'broken'])
    expect(quiet).not.toContain('off --> on')
    expect(quiet).not.toContain('state "broken"')
    expect(quiet).toContain('| SWITCH |')
    expect(quiet).toContain('### broken (final)')
  })
})

it('the committed pages are what the machines are', () => {
  const script = join(packageRoot, 'src/cli/docs/write-machine-docs.ts')
  execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' })
})
