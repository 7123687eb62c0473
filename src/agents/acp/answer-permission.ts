import type { PermissionOption, RequestPermissionResponse } from '@agentclientprotocol/sdk'

/**
 * Nobody is there to be asked: what the sandbox allows is allowed once, never for good. Work of untrusted authors is
 * refused whatever it asks for. Where the wanted option is not offered, the question counts as cancelled.
 */
export const answerPermission = (
  options: readonly PermissionOption[],
  restricted: boolean,
): RequestPermissionResponse => {
  const wanted = restricted ? (['reject_once', 'reject_always'] as const) : (['allow_once'] as const)
  const option = wanted
    .map((kind) => options.find((one) => one.kind === kind))
    .find((found) => found !== undefined)
  return {
    outcome:
      option === undefined ? { outcome: 'cancelled' } : { outcome: 'selected', optionId: option.optionId },
  }
}
