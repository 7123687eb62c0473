/** A task's text cannot be understood. `place` is a line, a label or a key; the message says what to write instead. */
export class InvalidTaskText extends Error {
  readonly failureClass = 'invalid_task'
  readonly place: string

  constructor(place: string, why: string, options?: ErrorOptions) {
    super(`${place}: ${why}`, options)
    this.name = 'InvalidTaskText'
    this.place = place
  }
}
