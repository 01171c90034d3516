/** The signatures of AWS's own signer, checked by ours. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { createSigner } from '../cli/sign.ts';
import { type SignedRequest, verifySignature } from './signature.ts';

const NOW = Date.UTC(2026, 10, 24, 12, 0, 0);
const KEY = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const secretOf = (id: string) => (id === KEY.accessKeyId ? KEY.secretAccessKey : undefined);
const hash = (body: string) => createHash('sha256').update(body).digest('hex');

interface Plain {
  readonly service: 's3' | 'sqs';
  readonly method: string;
  /** Not encoded. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: string;
}

const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
const queryText = (query: object) =>
  Object.entries(query)
    .map(([name, value]) => `${encode(name)}=${encode(String(value))}`)
    .join('&');

async function sign(plain: Plain, { presigned = false, credentials = KEY } = {}): Promise<SignedRequest> {
  const { service, method, query, body } = plain;
  const signer = createSigner(credentials, service, 'us-east-1');
  const request = {
    method,
    protocol: 'http:',
    hostname: '127.0.0.1',
    port: 4566,
    path: plain.path.split('/').map(encode).join('/'),
    query: { ...query },
    headers: {
      host: '127.0.0.1:4566',
      'x-amz-meta-note': '  two   spaces ',
      // As S3's presigner does: a URL is signed before there is a body.
      ...(presigned && { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }),
    },
    body,
  };
  const signed = presigned
    ? await signer.presign(request, { signingDate: new Date(NOW), expiresIn: 60 })
    : await signer.sign(request, { signingDate: new Date(NOW) });
  const text = queryText(signed.query ?? {});
  const target = text === '' ? signed.path : `${signed.path}?${text}`;
  return { method, target, headers: signed.headers, bodyHash: () => hash(body) };
}

// AWS's signer keeps a query in an object, and so loses a parameter named `__proto__`.
const plain = fc.record({
  service: fc.constantFrom('s3' as const, 'sqs' as const),
  method: fc.constantFrom('GET', 'PUT', 'POST'),
  path: fc
    .array(fc.string({ unit: 'grapheme', minLength: 1 }), { maxLength: 4 })
    .map((parts) => `/${parts.join('/')}`),
  query: fc.dictionary(
    fc.string({ minLength: 1 }).filter((name) => !/^x-amz|^__proto__$/i.test(name)),
    fc.string(),
    {
      maxKeys: 3,
      noNullPrototype: true,
    },
  ),
  body: fc.string(),
});
const A_REQUEST: Plain = { service: 's3', method: 'GET', path: '/b/k', query: { a: '1' }, body: '' };

describe('a signature', () => {
  it('of AWS’s signer is valid, in headers and in a presigned URL', async () => {
    await fc.assert(
      fc.asyncProperty(plain, fc.boolean(), async (request, presigned) => {
        // Only S3 presigns without the body.
        fc.pre(!presigned || request.service === 's3');
        const signed = await sign(request, { presigned });
        expect(await verifySignature(signed, secretOf, NOW)).toEqual({
          kind: 'valid',
          accessKeyId: KEY.accessKeyId,
        });
      }),
    );
  });

  it.each([
    ['another method', (signed: SignedRequest) => ({ ...signed, method: 'PUT' })],
    [
      'another path',
      (signed: SignedRequest) => ({ ...signed, target: signed.target.replace('/b/k', '/b/l') }),
    ],
    [
      'another query',
      (signed: SignedRequest) => ({ ...signed, target: signed.target.replace('a=1', 'a=2') }),
    ],
    [
      'one more parameter',
      (signed: SignedRequest) => ({ ...signed, target: `${signed.target}&versionId=1` }),
    ],
    [
      'another host',
      (signed: SignedRequest) => ({ ...signed, headers: { ...signed.headers, host: 'elsewhere' } }),
    ],
  ])('is wrong with %s', async (_, tamper) => {
    for (const presigned of [false, true]) {
      const signed = await sign(A_REQUEST, { presigned });
      expect(await verifySignature(tamper(signed), secretOf, NOW)).toEqual({ kind: 'wrong' });
    }
  });

  it('is wrong with another body, or with another secret', async () => {
    const signed = await sign({ ...A_REQUEST, service: 'sqs', method: 'POST', body: '{}' });
    expect(await verifySignature({ ...signed, bodyHash: () => hash('[]') }, secretOf, NOW)).toEqual({
      kind: 'wrong',
    });
    const foreign = await sign(A_REQUEST, { credentials: { ...KEY, secretAccessKey: 'guess' } });
    expect(await verifySignature(foreign, secretOf, NOW)).toEqual({ kind: 'wrong' });
  });

  it('expires: in headers after a quarter of an hour, in a URL when the URL says', async () => {
    const inHeaders = await sign(A_REQUEST);
    const inUrl = await sign(A_REQUEST, { presigned: true });
    const at = async (request: SignedRequest, seconds: number) =>
      (await verifySignature(request, secretOf, NOW + seconds * 1000)).kind;
    expect([await at(inHeaders, 900), await at(inHeaders, 901), await at(inHeaders, -901)]).toEqual([
      'valid',
      'expired',
      'expired',
    ]);
    expect([await at(inUrl, 60), await at(inUrl, 61)]).toEqual(['valid', 'expired']);
  });

  it('is missing, malformed or of an unknown key', async () => {
    const headers = { host: '127.0.0.1' };
    const request = { method: 'GET', target: '/', headers, bodyHash: () => hash('') };
    const kind = async (changed: Partial<SignedRequest>) =>
      (await verifySignature({ ...request, ...changed }, secretOf, NOW)).kind;
    expect(await kind({})).toBe('unsigned');
    expect(await kind({ headers: { ...headers, authorization: 'Bearer x' } })).toBe('malformed');
    expect(await kind({ target: '/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256' })).toBe('malformed');
    const stranger = await sign(A_REQUEST, { credentials: { ...KEY, accessKeyId: 'AKIDOTHER' } });
    expect((await verifySignature(stranger, secretOf, NOW)).kind).toBe('unknown-key');
  });
});
