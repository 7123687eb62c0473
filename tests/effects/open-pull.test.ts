import { expect, test } from 'vitest'
import type { EffectContext } from '../../src/durable/effect.ts'
import { openPullEffect } from '../../src/effects/open-pull.ts'
import type { Forge } from '../../src/forge/forge.ts'
import * as sample from '../machines/durable/support/samples.ts'

const input = {
  taskId: 'task-1',
  repo: 'api',
  headBranch: 'oc-supervise/att-1',
  baseBranch: 'main',
  headSha: sample.HEAD,
  title: 'Fix it',
  body: 'Please.\n',
} as never
const context = { effectId: 'task-1/opening/openPull' } as EffectContext

/** What the forge was asked to show. */
const bodyWith = async (anchorHash: string | null): Promise<string> => {
  let body = ''
  const forge = {
    openPull: async (asked: { body: string }) => {
      body = asked.body
      return sample.pull('open', sample.HEAD)
    },
  } as unknown as Forge
  const ports = {
    forgeOf: () => forge,
    redact: async (text: string) => text,
    anchorHash: async () => anchorHash,
  }
  await openPullEffect(ports).perform(context, input)
  return body
}

test('a published pull request carries the anchor by which a journal that was rolled back is found', async () => {
  expect(await bodyWith(sample.HASH)).toBe(`Please.\nJournal anchor ${sample.HASH}\n`)
  expect(await bodyWith(null)).toBe('Please.\n')
})
