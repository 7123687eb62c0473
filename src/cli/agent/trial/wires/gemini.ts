import { listOf, offered } from './request-fields.ts'
import type { Reply, Wire, WireRequest } from './wire.ts'

const PATH = /\/models\/([^/:]+):(streamGenerateContent|generateContent)/

/** Gemini's generateContent and streamGenerateContent. @see https://ai.google.dev/api/generate-content */
export const geminiWire: Wire = {
  name: 'gemini',
  serves: (path) => PATH.test(path),
  read: (body, path) => {
    const [, model = '', method] = PATH.exec(path) ?? []
    return {
      model,
      stream: method === 'streamGenerateContent',
      tools: listOf(body.tools)
        .flatMap(({ functionDeclarations }) => listOf(functionDeclarations))
        .map(({ name, parameters, parametersJsonSchema }) =>
          offered(name, parametersJsonSchema ?? parameters),
        ),
    }
  },
  whole: (reply, request) => pieceOf(reply, request, 'STOP'),
  events: (reply, request) => [{ data: pieceOf(reply, request, 'STOP') }],
}

const pieceOf = (reply: Reply, request: WireRequest, finishReason: string) => {
  const { input, cachedInput, output } = reply.usage
  const part =
    reply.kind === 'say'
      ? { text: reply.text }
      : { functionCall: { name: reply.call.name, args: reply.call.arguments } }
  return {
    candidates: [{ content: { role: 'model', parts: [part] }, finishReason, index: 0 }],
    usageMetadata: {
      promptTokenCount: input,
      cachedContentTokenCount: cachedInput,
      candidatesTokenCount: output,
      totalTokenCount: input + output,
    },
    modelVersion: request.model,
    responseId: 'resp-1',
  }
}
