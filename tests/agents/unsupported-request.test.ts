import { expect, test } from 'vitest'
import { agentTypes } from '../../src/agents/agent-types.ts'
import { unsupportedRequest } from '../../src/agents/unsupported-request.ts'

/** Any program can reach whatever its walls let it, and aider has no tools to leave out. */
const UNRESTRICTED = ['command', 'aider']

test.each(agentTypes())('work of untrusted authors: $type', (type) => {
  expect(unsupportedRequest(type, { trust: 'trusted' })).toBeNull()
  expect(unsupportedRequest(type, { trust: 'untrusted' }) !== null).toBe(UNRESTRICTED.includes(type.type))
})
