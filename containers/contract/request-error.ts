/** A request that the model server refuses: `status` is the HTTP status, `message` the body of the answer. */
export class RequestError extends Error {
  readonly status: number;
  readonly contentType: string;

  constructor(status: number, message: string, contentType = 'text/plain') {
    super(message);
    this.name = 'RequestError';
    this.status = status;
    this.contentType = contentType;
  }
}
