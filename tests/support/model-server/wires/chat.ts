import { chatWire } from '../../../../src/cli/agent/trial/wires/chat.ts'
import { listOf } from '../../../../src/cli/agent/trial/wires/request-fields.ts'
import { progressOf, type Turn, textIn } from '../model-request.ts'
import { refuseOpenAi } from './openai-errors.ts'
import type { ScriptedWire } from './scripted-wire.ts'

export const scriptedChat: ScriptedWire = {
  ...chatWire,
  authHeaders: ['authorization'],
  read: (body, path) => ({
    ...chatWire.read(body, path),
    ...progressOf(listOf(body.messages).map(turnOf)),
  }),
  refuse: refuseOpenAi,
}

const turnOf = ({ role, content }: Record<string, unknown>): Turn => ({
  from: role === 'user' ? 'user' : 'other',
  text: role === 'user' ? textIn(content) : '',
  toolResults: role === 'tool' ? 1 : 0,
})
