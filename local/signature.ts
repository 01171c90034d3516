/** AWS Signature Version 4 as a server checks it, in headers and in presigned URLs.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { percentDecode } from './percent-decode.ts';

/** Gives the secret of an access key, undefined when there is no such key. */
export type SecretOf = (accessKeyId: string) => string | undefined;

/** A request as it came: nothing decoded, header names in lower case. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** SHA-256 of the body in hex; not asked for by S3. */
  readonly bodyHash: () => string | Promise<string>;
}

export type Verdict =
  | { readonly kind: 'valid'; readonly accessKeyId: string }
  | { readonly kind: 'unsigned' | 'malformed' | 'unknown-key' | 'expired' | 'wrong' };

interface Stated {
  readonly accessKeyId: string;
  readonly date: string;
  readonly scope: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `20260131T235959Z`. */
  readonly time: string;
  /** How long after `time` it is valid, in seconds. */
  readonly validFor: number;
  readonly isPresigned: boolean;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
/** How far the clocks of client and server may differ, either way. */
const SKEW_SECONDS = 900;
/** The longest life of a presigned URL. */
const WEEK_SECONDS = 604_800;

const sha256 = (data: string): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();

/** Recomputes the signature with the secret of the key that the request names. `now` is epoch milliseconds. */
export async function verifySignature(
  request: SignedRequest,
  secretOf: SecretOf,
  now: number,
): Promise<Verdict> {
  const mark = request.target.indexOf('?');
  const path = mark < 0 ? request.target : request.target.slice(0, mark);
  const query = queryOf(mark < 0 ? '' : request.target.slice(mark + 1));
  const stated = query.some(([name]) => name === 'X-Amz-Algorithm')
    ? statedInQuery(Object.fromEntries(query))
    : statedInHeaders(request.headers);
  if (typeof stated === 'string') return { kind: stated };
  const secret = secretOf(stated.accessKeyId);
  if (secret === undefined) return { kind: 'unknown-key' };
  const age = (now - epoch(stated.time)) / 1000;
  if (!(age >= -SKEW_SECONDS && age <= stated.validFor)) return { kind: 'expired' };
  const canonical = [
    request.method,
    canonicalPath(path, stated.service),
    canonicalQuery(query.filter(([name]) => name !== 'X-Amz-Signature')),
    ...stated.signedHeaders.map((name) => `${name}:${headerText(request.headers[name])}`),
    '',
    stated.signedHeaders.join(';'),
    await payloadHash(request, stated),
  ].join('\n');
  const toSign = [ALGORITHM, stated.time, stated.scope, sha256(canonical)].join('\n');
  const key = stated.scope.split('/').reduce<string | Buffer>(hmac, `AWS4${secret}`);
  const expected = hmac(key, toSign);
  const given = Buffer.from(stated.signature, 'hex');
  const isRight = given.length === expected.length && timingSafeEqual(given, expected);
  return isRight ? { kind: 'valid', accessKeyId: stated.accessKeyId } : { kind: 'wrong' };
}

function statedInHeaders(headers: SignedRequest['headers']): Stated | 'unsigned' | 'malformed' {
  const authorization = headerText(headers.authorization);
  if (authorization === '') return 'unsigned';
  const fields = /^AWS4-HMAC-SHA256 (.*)$/.exec(authorization)?.[1]?.split(/,\s*/) ?? [];
  const values = Object.fromEntries(fields.map((field) => field.split(/=(.*)/s, 2)));
  const time = headerText(headers['x-amz-date']) || basicTime(headerText(headers.date));
  return stated(values.Credential, values.SignedHeaders, values.Signature, time, SKEW_SECONDS, false);
}

function statedInQuery(query: Readonly<Record<string, string>>): Stated | 'malformed' {
  const validFor = Number(query['X-Amz-Expires']);
  if (query['X-Amz-Algorithm'] !== ALGORITHM || !(validFor >= 1 && validFor <= WEEK_SECONDS))
    return 'malformed';
  const [credential, headers, signature, time] = [
    query['X-Amz-Credential'],
    query['X-Amz-SignedHeaders'],
    query['X-Amz-Signature'],
    query['X-Amz-Date'],
  ];
  return stated(credential, headers, signature, time, validFor, true);
}

function stated(
  credential = '',
  signedHeaders = '',
  signature = '',
  time = '',
  validFor: number,
  isPresigned: boolean,
): Stated | 'malformed' {
  const [, accessKeyId, scope, date, service] =
    /^(.+)\/((\d{8})\/[^/]+\/([^/]+)\/aws4_request)$/.exec(credential) ?? [];
  if (!accessKeyId || !scope || !date || !service || signedHeaders === '') return 'malformed';
  if (!/^[0-9a-f]{64}$/.test(signature) || !/^\d{8}T\d{6}Z$/.test(time) || !time.startsWith(date))
    return 'malformed';
  const names = signedHeaders.split(';');
  return { accessKeyId, date, scope, service, signedHeaders: names, signature, time, validFor, isPresigned };
}

/** `20260131T235959Z` as epoch milliseconds. */
function epoch(time: string): number {
  return Date.parse(time.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

function basicTime(date: string): string {
  const at = Date.parse(date);
  return Number.isNaN(at) ? '' : new Date(at).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

function headerText(value: string | readonly string[] | undefined): string {
  return [value ?? ''].flat().join(',').trim().replace(/ +/g, ' ');
}

function queryOf(text: string): [name: string, value: string][] {
  return text
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', value = ''] = pair.split(/=(.*)/s, 2);
      return [percentDecode(name.replaceAll('+', ' ')), percentDecode(value.replaceAll('+', ' '))];
    });
}

/** RFC 3986: everything but letters, digits and `-._~` as %XX. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** S3 signs the path as it is sent; every other service folds `.`, `..` and empty parts and encodes it once more. */
function canonicalPath(path: string, service: string): string {
  if (service === 's3')
    return path
      .split('/')
      .map((part) => encode(percentDecode(part)))
      .join('/');
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(encode(part));
  }
  return `/${parts.join('/')}${parts.length > 0 && path.endsWith('/') ? '/' : ''}`;
}

function canonicalQuery(query: readonly (readonly [string, string])[]): string {
  const order = (a: string, b: string) => (a < b ? -1 : Number(a > b));
  return query
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a, b], [c, d]) => order(a, c) || order(b, d))
    .map((pair) => pair.join('='))
    .join('&');
}

/** S3 states the hash of a body that it then checks itself; every other service hashes the body. */
async function payloadHash(request: SignedRequest, { isPresigned, service }: Stated): Promise<string> {
  if (service !== 's3') return await request.bodyHash();
  return isPresigned ? 'UNSIGNED-PAYLOAD' : headerText(request.headers['x-amz-content-sha256']);
}
