import { listOf } from '../../../../src/cli/agent/trial/wires/request-fields.ts'
import { responsesWire } from '../../../../src/cli/agent/trial/wires/responses.ts'
import { progressOf, type Turn, textIn } from '../model-request.ts'
import { refuseOpenAi } from './openai-errors.ts'
import type { ScriptedWire } from './scripted-wire.ts'

export const scriptedResponses: ScriptedWire = {
  ...responsesWire,
  authHeaders: ['authorization'],
  read: (body, path) => ({
    ...responsesWire.read(body, path),
    ...progressOf(
      typeof body.input === 'string'
        ? [{ from: 'user', text: body.input, toolResults: 0 }]
        : listOf(body.input).map(turnOf),
    ),
  }),
  refuse: refuseOpenAi,
}

const turnOf = (item: Record<string, unknown>): Turn =>
  String(item.type).endsWith('_call_output')
    ? { from: 'other', text: '', toolResults: 1 }
    : { from: item.role === 'user' ? 'user' : 'other', text: textIn(item.content), toolResults: 0 }
