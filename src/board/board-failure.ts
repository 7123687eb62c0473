import type { FailureClass } from '../contracts/failure.ts'

/** A board cannot be read or written; says what, which task, and what to do. */
export class BoardFailure extends Error {
  readonly failureClass: FailureClass

  constructor(failureClass: FailureClass, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'BoardFailure'
    this.failureClass = failureClass
  }
}
