import type { FailureClass } from '../contracts/failure.ts'

/** A workspace operation failed for a known reason; effects turn it into the failure of their task. */
export class WorkspaceFailure extends Error {
  readonly failureClass: FailureClass

  constructor(failureClass: FailureClass, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'WorkspaceFailure'
    this.failureClass = failureClass
  }
}

/**
 * Something in a workspace could not be saved, or was not found again after saving. Nothing was deleted. `path` names
 * what blocks the deletion; once a person has dealt with it, releasing the workspace can be repeated.
 */
export class CannotSave extends WorkspaceFailure {
  readonly path: string

  constructor(path: string, why: string, options?: ErrorOptions) {
    super(
      'infra_tooling',
      `cannot save ${path}: ${why}; nothing was deleted. Save or remove it by hand, then retry`,
      options,
    )
    this.name = 'CannotSave'
    this.path = path
  }
}
