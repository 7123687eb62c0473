import { expect, test } from 'vitest'
import { withoutEndedAttempts } from '../../../src/cli/run/compose-status.ts'
import type { Attention } from '../../../src/contracts/status.ts'

const note = (subject: string): Attention => ({ kind: 'agent', subject, reason: 'r', action: 'a' })

test('an attempt whose keeper is gone wants nobody any more; agents and everything else stay', () => {
  const notes = ['att-a-1', 'att-b-1', 'coder'].map(note)
  const subjects = withoutEndedAttempts(notes, [{ attempt: 'att-b-1' }]).map(({ subject }) => subject)
  expect(subjects).toEqual(['att-b-1', 'coder'])
})
