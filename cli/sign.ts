/** Requests to the HTTP API signed as AWS wants them (SigV4), with AWS's own signer. */
import { type BinaryLike, createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The hash that the signer wants, of node:crypto. */
class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: BinaryLike | ArrayBuffer) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as BinaryLike);
  }

  update(data: BinaryLike | ArrayBuffer): void {
    this.#hash.update(data as BinaryLike);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    throw new Error('A hash is used once');
  }
}

/** What signs for one service with one key. */
export function createSigner(credentials: Credentials, service: string, region: string): SignatureV4 {
  return new SignatureV4({
    credentials,
    service,
    region,
    sha256: Sha256 as never,
    uriEscapePath: service !== 's3',
    applyChecksum: true,
  });
}
