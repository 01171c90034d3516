/** Signatures that must be right: with them on, the cloud knows its keys, and refuses every other caller as AWS does. */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { AwsError } from './aws-error.ts';
import type { Services } from './front-door.ts';
import { readBody } from './json-protocol.ts';
import { refuse } from './refusal.ts';
import { type SecretOf, type Verdict, verifySignature } from './signature.ts';

export type Refusal = Exclude<Verdict['kind'], 'valid'>;

/** Why a request is not taken; undefined when its signature is right. */
export type Check = (req: IncomingMessage, body: () => Promise<Buffer>) => Promise<Refusal | undefined>;

export function createCheck(secretOf: SecretOf, now: () => number): Check {
  return async (req, body) => {
    const { method = '', url: target = '/', headers } = req;
    const bodyHash = async () =>
      createHash('sha256')
        .update(await body())
        .digest('hex');
    const verdict = await verifySignature({ method, target, headers, bodyHash }, secretOf, now());
    return verdict.kind === 'valid' ? undefined : verdict.kind;
  };
}

/** The services, reached only by requests whose signature is right. */
export function strictCalls(services: Services, check: Check): Services {
  const names = Object.keys(services) as (keyof Services)[];
  return Object.fromEntries(names.map((name) => [name, strict(name)])) as unknown as Services;

  function strict(name: keyof Services): Services['s3'] {
    return async (request) => {
      let body: Buffer | undefined;
      const read = async () => {
        body = await readBody(request);
        return body;
      };
      const kind = await check(request.req, read);
      if (kind) return refuse(name, request, refusal(name, kind));
      await services[name]({ ...request, ...(body && { body }) });
    };
  }
}

const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const S3_ERRORS: Readonly<Record<Refusal, readonly [code: string, message: string, status?: number]>> = {
  unsigned: ['AccessDenied', 'Access Denied'],
  malformed: [
    'AuthorizationHeaderMalformed',
    'The authorization header that you provided is not valid.',
    400,
  ],
  'unknown-key': ['InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.'],
  expired: ['AccessDenied', 'Request has expired'],
  wrong: [
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
  ],
};

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html, and the common errors of
 * the other services. */
const ERRORS: Readonly<Record<Refusal, readonly [code: string, message: string]>> = {
  unsigned: ['MissingAuthenticationTokenException', 'Missing Authentication Token'],
  malformed: [
    'IncompleteSignatureException',
    'Authorization header is not of the form that AWS Signature Version 4 has.',
  ],
  'unknown-key': ['UnrecognizedClientException', 'The security token included in the request is invalid.'],
  expired: [
    'InvalidSignatureException',
    'Signature expired: the request was not signed within the last 15 minutes.',
  ],
  wrong: ['InvalidSignatureException', MISMATCH],
};

function refusal(name: keyof Services, kind: Refusal): AwsError {
  if (name === 's3') {
    const [code, message, status = 403] = S3_ERRORS[kind];
    return new AwsError(code, message, status);
  }
  const [code, message] = ERRORS[kind];
  return new AwsError(code, message, name === 'dynamodb' ? 400 : 403);
}
