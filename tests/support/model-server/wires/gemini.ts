import { geminiWire } from '../../../../src/cli/agent/trial/wires/gemini.ts'
import { listOf } from '../../../../src/cli/agent/trial/wires/request-fields.ts'
import { type Refusal, STATUS } from '../answer.ts'
import { progressOf, type Turn, textIn } from '../model-request.ts'
import type { ScriptedWire } from './scripted-wire.ts'

export const scriptedGemini: ScriptedWire = {
  ...geminiWire,
  authHeaders: ['x-goog-api-key', 'authorization'],
  read: (body, path) => ({
    ...geminiWire.read(body, path),
    ...progressOf(listOf(body.contents).map(turnOf)),
  }),
  refuse: (refusal) => {
    const [code, status, message] = ERRORS[refusal.reason]
    return {
      status: code ?? STATUS[refusal.reason],
      headers: {},
      body: {
        error: { code: code ?? STATUS[refusal.reason], message, status, details: detailsOf(refusal) },
      },
    }
  },
}

const turnOf = ({ role, parts }: Record<string, unknown>): Turn => ({
  from: role === 'model' ? 'other' : 'user',
  text: role === 'model' ? '' : textIn(parts),
  toolResults: listOf(parts).filter(({ functionResponse }) => functionResponse !== undefined).length,
})

/** @see https://ai.google.dev/gemini-api/docs/troubleshooting and google.rpc's error details */
const ERRORS: Record<Refusal['reason'], [code: number | null, status: string, message: string]> = {
  auth: [
    null,
    'UNAUTHENTICATED',
    'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.',
  ],
  bad_key: [400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.'],
  payment: [null, 'FAILED_PRECONDITION', 'Billing is not enabled for this project.'],
  rate_limit: [
    null,
    'RESOURCE_EXHAUSTED',
    'You exceeded your current quota, please check your plan and billing details.',
  ],
  quota: [
    null,
    'RESOURCE_EXHAUSTED',
    'You exceeded your current quota, please check your plan and billing details.',
  ],
  usage_limit: [
    null,
    'RESOURCE_EXHAUSTED',
    'You exceeded your current quota, please check your plan and billing details.',
  ],
  server: [null, 'INTERNAL', 'An internal error has occurred.'],
  context: [
    null,
    'INVALID_ARGUMENT',
    'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
  ],
}

const RPC = 'type.googleapis.com/google.rpc'

const detailsOf = ({ reason, retryAfterS }: Refusal): object[] => {
  if (reason === 'bad_key') {
    return [
      { '@type': `${RPC}.ErrorInfo`, reason: 'API_KEY_INVALID', domain: 'googleapis.com', metadata: {} },
    ]
  }
  if (STATUS[reason] !== 429) return []
  const span = reason === 'rate_limit' ? 'PerMinute' : 'PerDay'
  const violation = {
    quotaMetric: 'generativelanguage.googleapis.com/generate_content_free_tier_requests',
    quotaId: `GenerateRequests${span}PerProjectPerModel-FreeTier`,
    quotaValue: '10',
  }
  const retry = retryAfterS === null ? [] : [{ '@type': `${RPC}.RetryInfo`, retryDelay: `${retryAfterS}s` }]
  return [{ '@type': `${RPC}.QuotaFailure`, violations: [violation] }, ...retry]
}
