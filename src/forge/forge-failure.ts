import type { FailureClass } from '../contracts/failure.ts'

/** A forge refused, or cannot be asked; says what, which pull request or repository, and what to do. */
export class ForgeFailure extends Error {
  readonly failureClass: FailureClass

  constructor(failureClass: FailureClass, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ForgeFailure'
    this.failureClass = failureClass
  }
}
