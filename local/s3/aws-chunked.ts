import { AwsError } from '../aws-error.ts';

const MAX_LINE_BYTES = 16 * 1024;
const MAX_TRAILERS = 32;

/**
 * Takes the `aws-chunked` framing off a body as it streams: `<hex size>[;chunk-signature=…]\r\n<data>\r\n` …
 * `0…\r\n<trailer>:<value>\r\n…\r\n` ("Signature calculations: transferring payload in chunks", S3 API
 * reference). Trailers land in `trailers` under lower-case names. Chunk signatures are not checked here.
 * Throws InvalidRequest on broken framing and IncompleteBody when the last chunk is missing.
 */
export async function* decodeAwsChunked(
  body: AsyncIterable<Buffer>,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer> {
  const source = new ByteSource(body);
  for (let size = parseSize(await source.line()); size > 0; size = parseSize(await source.line())) {
    yield* source.bytes(size);
    if ((await source.line()) !== '') throw brokenFraming();
  }
  // Some clients leave out the last CRLF.
  while (await source.hasMore()) {
    const line = await source.line();
    if (line === '') return;
    const colon = line.indexOf(':');
    if (colon < 1 || trailers.size >= MAX_TRAILERS) throw brokenFraming();
    trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
}

function parseSize(line: string): number {
  const digits = /^([0-9a-f]{1,12})(;.*)?$/i.exec(line)?.[1];
  if (digits === undefined) throw brokenFraming();
  return Number.parseInt(digits, 16);
}

function brokenFraming(): AwsError {
  return new AwsError('InvalidRequest', 'The aws-chunked encoding of the request body is not valid.');
}

export function incompleteBody(): AwsError {
  const message = 'You did not provide the number of bytes specified by the Content-Length HTTP header';
  return new AwsError('IncompleteBody', message);
}

/** Lines and counted bytes out of chunks of any size. */
class ByteSource {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(body: AsyncIterable<Buffer>) {
    this.#chunks = body[Symbol.asyncIterator]();
  }

  /** The text up to the next CRLF. */
  async line(): Promise<string> {
    let end = this.#rest.indexOf('\r\n');
    while (end < 0) {
      if (this.#rest.length > MAX_LINE_BYTES) throw brokenFraming();
      if (!(await this.#pull())) throw incompleteBody();
      end = this.#rest.indexOf('\r\n');
    }
    const text = this.#rest.toString('latin1', 0, end);
    this.#rest = this.#rest.subarray(end + 2);
    return text;
  }

  async *bytes(count: number): AsyncGenerator<Buffer> {
    for (let missing = count; missing > 0; ) {
      if (!(await this.hasMore())) throw incompleteBody();
      const piece = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(piece.length);
      missing -= piece.length;
      yield piece;
    }
  }

  async hasMore(): Promise<boolean> {
    return this.#rest.length > 0 || (await this.#pull());
  }

  async #pull(): Promise<boolean> {
    const next = await this.#chunks.next();
    if (!next.done)
      this.#rest = this.#rest.length === 0 ? next.value : Buffer.concat([this.#rest, next.value]);
    return !next.done;
  }
}
