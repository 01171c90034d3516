/** A mistake in what the user gave (data, hyperparameters): ends a training job with exit code 1 and its message
 * as the job's FailureReason. */
export class UserError extends Error {
  readonly code = 'ClientError';

  constructor(message: string) {
    super(message);
    this.name = 'ClientError';
  }
}

export function isUserError(error: unknown): error is UserError {
  return error instanceof UserError;
}
