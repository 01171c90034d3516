import { invalidRequest, s3Error } from './s3-error.ts';

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
  const chunks = body[Symbol.asyncIterator]();
  try {
    const source = new ByteSource(chunks);
    yield* decodeChunks(source);
    await readTrailers(source, trailers);
  } finally {
    // Else nobody could drain what is left of a body that is refused half-way.
    await chunks.return?.();
  }
}

async function* decodeChunks(source: ByteSource): AsyncGenerator<Buffer> {
  for (let size = parseSize(await source.line()); size > 0; size = parseSize(await source.line())) {
    for (let missing = size; missing > 0; ) {
      const piece = await source.bytes(missing);
      missing -= piece.length;
      yield piece;
    }
    if ((await source.line()) !== '') throw brokenFraming();
  }
}

async function readTrailers(source: ByteSource, trailers: Map<string, string>): Promise<void> {
  // Some clients leave out the last CRLF.
  while (await source.hasMore()) {
    const line = await source.line();
    if (line === '') return;
    const [name = '', value] = line.split(/:(.*)/s, 2);
    if (name === '' || value === undefined || trailers.size >= MAX_TRAILERS) throw brokenFraming();
    trailers.set(name.trim().toLowerCase(), value.trim());
  }
}

function parseSize(line: string): number {
  const digits = /^([0-9a-f]{1,12})(;.*)?$/i.exec(line)?.[1];
  if (digits === undefined) throw brokenFraming();
  return Number.parseInt(digits, 16);
}

const brokenFraming = () => invalidRequest('The aws-chunked encoding of the request body is not valid.');

/** Lines and counted bytes out of chunks of any size. */
class ByteSource {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterator<Buffer>) {
    this.#chunks = chunks;
  }

  /** The text up to the next CRLF. */
  async line(): Promise<string> {
    let end = this.#rest.indexOf('\r\n');
    while (end < 0) {
      if (this.#rest.length > MAX_LINE_BYTES) throw brokenFraming();
      if (!(await this.#pull())) throw s3Error('IncompleteBody');
      end = this.#rest.indexOf('\r\n');
    }
    return this.#take(end + 2).toString('latin1', 0, end);
  }

  /** From one byte to `most`. */
  async bytes(most: number): Promise<Buffer> {
    if (!(await this.hasMore())) throw s3Error('IncompleteBody');
    return this.#take(most);
  }

  async hasMore(): Promise<boolean> {
    return this.#rest.length > 0 || (await this.#pull());
  }

  #take(size: number): Buffer {
    const taken = this.#rest.subarray(0, size);
    this.#rest = this.#rest.subarray(size);
    return taken;
  }

  async #pull(): Promise<boolean> {
    const { done, value } = await this.#chunks.next();
    if (!done) this.#rest = this.#rest.length === 0 ? value : Buffer.concat([this.#rest, value]);
    return !done;
  }
}
