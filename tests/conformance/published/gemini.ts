import { z } from 'zod'

/**
 * Gemini's answers, as its API reference has them; the same for both methods.
 * @see https://ai.google.dev/api/generate-content#v1beta.GenerateContentResponse
 */
const Part = z.union([
  z.strictObject({ text: z.string() }),
  z.strictObject({
    functionCall: z.object({ name: z.string(), args: z.record(z.string(), z.unknown()) }),
  }),
])

export const GenerateContentResponse = z.object({
  candidates: z.array(
    z.object({
      content: z.object({ role: z.literal('model'), parts: z.array(Part) }),
      finishReason: z.enum(['STOP', 'MAX_TOKENS', 'SAFETY', 'RECITATION', 'OTHER']).optional(),
      index: z.int(),
    }),
  ),
  usageMetadata: z.object({
    promptTokenCount: z.int(),
    cachedContentTokenCount: z.int().optional(),
    candidatesTokenCount: z.int(),
    totalTokenCount: z.int(),
  }),
  modelVersion: z.string(),
  responseId: z.string(),
})

/** google.rpc.Status over HTTP. @see https://cloud.google.com/apis/design/errors */
export const GoogleError = z.object({
  error: z.object({
    code: z.int(),
    message: z.string(),
    status: z.enum([
      'INVALID_ARGUMENT',
      'FAILED_PRECONDITION',
      'PERMISSION_DENIED',
      'UNAUTHENTICATED',
      'RESOURCE_EXHAUSTED',
      'INTERNAL',
      'UNAVAILABLE',
    ]),
    details: z.array(
      z.discriminatedUnion('@type', [
        z.object({
          '@type': z.literal('type.googleapis.com/google.rpc.ErrorInfo'),
          reason: z.string(),
          domain: z.string(),
          metadata: z.record(z.string(), z.string()),
        }),
        z.object({
          '@type': z.literal('type.googleapis.com/google.rpc.QuotaFailure'),
          violations: z.array(
            z.object({ quotaMetric: z.string(), quotaId: z.string(), quotaValue: z.string() }),
          ),
        }),
        z.object({
          '@type': z.literal('type.googleapis.com/google.rpc.RetryInfo'),
          retryDelay: z.string().regex(/^\d+(\.\d+)?s$/),
        }),
      ]),
    ),
  }),
})
