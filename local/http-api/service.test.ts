import { createHash, createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { SignatureV4 } from '@smithy/signature-v4';
import type { APIGatewayProxyEventV2WithIAMAuthorizer } from 'aws-lambda';
import fc from 'fast-check';
import type { Listener } from '../listener.ts';
import type { Invoke } from '../ports.ts';
import { verifySignature } from '../signature.ts';
import { createRouter, decodePath } from './route.ts';
import { createHttpApi, type HttpApiOptions } from './service.ts';

type Event = APIGatewayProxyEventV2WithIAMAuthorizer;

let api: Listener;
let base: string;
let events: [string, Event][];
let answer: (event: Event) => unknown;

async function open(more: Partial<HttpApiOptions> = {}): Promise<void> {
  const invoke: Invoke = async (name, payload) => {
    events.push([name, JSON.parse(payload) as Event]);
    return { payload: JSON.stringify((await answer(JSON.parse(payload) as Event)) ?? null) };
  };
  api = createHttpApi({
    routes: [
      { method: 'GET', path: '/v1/pipelines', functionName: 'list' },
      { method: 'GET', path: '/v1/pipelines/{pipeline}', functionName: 'show', authorization: 'AWS_IAM' },
      { method: 'PUT', path: '/v1/pipelines/{pipeline}', functionName: 'declare', authorization: 'AWS_IAM' },
      { method: 'ANY', path: '/files/{proxy+}', functionName: 'files' },
    ],
    invoke,
    identity: { account: '000000000000', region: 'us-east-1' },
    clock: { now: () => Date.UTC(2020, 2, 12, 19, 3, 58), scale: 1 },
    ...more,
  });
  base = `http://127.0.0.1:${await api.listen(0)}`;
}

beforeEach(async () => {
  events = [];
  answer = () => ({ statusCode: 204 });
  await open();
});

afterEach(() => api.close());

it('hands the function an event of payload format 2.0', async () => {
  const headers = {
    authorization: 'AWS4-HMAC-SHA256 Credential=alice/20200312/us-east-1/execute-api/aws4_request',
    cookie: 'a=1; b=2',
    'X-Twice': 'one',
    'user-agent': 'test',
  };
  await fetch(`${base}/v1/pipelines/caf%C3%A9%25x?tag=b%20c&tag=d&empty=`, { headers });
  const iam = {
    accessKey: 'alice',
    accountId: '000000000000',
    callerId: 'alice',
    cognitoIdentity: null,
    principalOrgId: null,
    userArn: 'arn:aws:iam::000000000000:user/alice',
    userId: 'alice',
  };
  expect(events).toEqual([
    [
      'show',
      {
        version: '2.0',
        routeKey: 'GET /v1/pipelines/{pipeline}',
        rawPath: '/v1/pipelines/café%25x',
        rawQueryString: 'tag=b%20c&tag=d&empty=',
        cookies: ['a=1', 'b=2'],
        headers: expect.objectContaining({ 'x-twice': 'one', host: base.slice(7) }),
        queryStringParameters: { tag: 'b c,d', empty: '' },
        pathParameters: { pipeline: 'café%x' },
        requestContext: {
          accountId: '000000000000',
          apiId: 'local',
          authorizer: { iam },
          domainName: base.slice(7),
          domainPrefix: 'local',
          http: {
            method: 'GET',
            path: '/v1/pipelines/café%25x',
            protocol: 'HTTP/1.1',
            sourceIp: '127.0.0.1',
            userAgent: 'test',
          },
          requestId: expect.any(String),
          routeKey: 'GET /v1/pipelines/{pipeline}',
          stage: '$default',
          time: '12/Mar/2020:19:03:58 +0000',
          timeEpoch: 1584039838000,
        },
        isBase64Encoded: false,
      },
    ],
  ]);
  expect(events[0]?.[1].headers).not.toHaveProperty('cookie');
});

it.each([
  ['application/json', 'é', false],
  ['Text/CSV; charset=utf-8', 'a,b', false],
  ['application/xml;charset=utf-8', '<a/>', false],
  ['application/problem+json', '{}', true],
  ['application/x-www-form-urlencoded', 'a=b', true],
  ['application/octet-stream', 'a,b', true],
  ['', 'a,b', true],
])('gives a body of type %j as text or base64', async (type, text, isBase64Encoded) => {
  const body = Buffer.from(text);
  await fetch(`${base}/v1/pipelines/digits`, {
    method: 'PUT',
    body,
    headers: type === '' ? {} : { 'content-type': type },
  });
  const seen = isBase64Encoded ? body.toString('base64') : text;
  expect(events).toMatchObject([['declare', { body: seen, isBase64Encoded }]]);
});

it.each([
  [
    { statusCode: 201, body: '{"a":1}', headers: { 'Content-Type': 'application/json', 'X-Own': 7 } },
    201,
    '{"a":1}',
    { 'content-type': 'application/json', 'x-own': '7' },
  ],
  [
    {
      statusCode: 200,
      body: Buffer.from('binary').toString('base64'),
      isBase64Encoded: true,
      cookies: ['a=1'],
    },
    200,
    'binary',
    { 'set-cookie': ['a=1'] },
  ],
  [{ statusCode: 204 }, 204, '', {}],
  [
    {
      statusCode: '202',
      body: 'x',
      headers: { 'Set-Cookie': 'c=3', 'Content-Length': '9' },
      cookies: ['a=1', 'b=2'],
    },
    202,
    'x',
    {
      'set-cookie': ['a=1', 'b=2', 'c=3'],
      'content-length': '1',
      'content-type': 'text/plain; charset=utf-8',
    },
  ],
  [{ statusCode: 200, headers: { 'x-own': 'a\r\nb: c' } }, 500, '{"message":"Internal Server Error"}', {}],
  [{ statusCode: 101 }, 500, '{"message":"Internal Server Error"}', {}],
  [{ pipelines: [] }, 200, '{"pipelines":[]}', { 'content-type': 'application/json' }],
  ['plain', 200, 'plain', { 'content-type': 'application/json' }],
  [null, 200, 'null', {}],
  [{ statusCode: 'many' }, 500, '{"message":"Internal Server Error"}', {}],
  [{ statusCode: 200, body: { not: 'text' } }, 500, '{"message":"Internal Server Error"}', {}],
])('answers what the function returns: %j', async (value, status, body, headers) => {
  answer = () => value;
  const response = await fetch(`${base}/v1/pipelines`);
  expect([response.status, await response.text()]).toEqual([status, body]);
  const found = { ...Object.fromEntries(response.headers), 'set-cookie': response.headers.getSetCookie() };
  expect(found).toMatchObject(headers);
});

it('answers for API Gateway itself where no function can', async () => {
  const reply = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${base}${path}`, init);
    return [response.status, await response.json()];
  };
  expect(await reply('/v2')).toEqual([404, { message: 'Not Found' }]);
  expect(await reply('/v1/pipelines', { method: 'DELETE' })).toEqual([404, { message: 'Not Found' }]);
  expect(await reply('//evil.example/v1/pipelines')).toEqual([404, { message: 'Not Found' }]);
  const body = 'a'.repeat(10 * 1024 * 1024 + 1);
  expect(await reply('/v1/pipelines/digits', { method: 'PUT', body })).toEqual([
    413,
    { message: 'Request Entity Too Large' },
  ]);
  await api.close();
  await open({ invoke: async () => ({ payload: '{"errorMessage":"secret"}', functionError: 'Unhandled' }) });
  expect(await reply('/v1/pipelines')).toEqual([500, { message: 'Internal Server Error' }]);
  await api.close();
  await open({
    routes: [{ method: 'GET', path: '/v1/pipelines', functionName: 'slow', timeoutMs: 10 }],
    invoke: () => new Promise(() => undefined),
  });
  expect(await reply('/v1/pipelines')).toEqual([503, { message: 'Service Unavailable' }]);
});

describe('CORS', () => {
  const preflight = (origin: string, path = '/v1/pipelines') =>
    fetch(`${base}${path}`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'GET' },
    });

  beforeEach(async () => {
    await api.close();
    await open({
      cors: {
        AllowOrigins: ['http://good.example', 'https://*'],
        AllowMethods: ['GET'],
        AllowHeaders: ['x-own'],
        ExposeHeaders: ['x-shown'],
        AllowCredentials: true,
        MaxAge: 60,
      },
    });
  });

  it('preflights are answered for an allowed origin only', async () => {
    const good = await preflight('http://good.example');
    expect(good.status).toBe(204);
    expect(Object.fromEntries(good.headers)).toMatchObject({
      'access-control-allow-origin': 'http://good.example',
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET',
      'access-control-allow-headers': 'x-own',
      'access-control-max-age': '60',
    });
    const any = await preflight('https://any.example');
    expect(any.headers.get('access-control-allow-origin')).toBe('https://any.example');
    expect((await preflight('http://bad.example')).headers.get('access-control-allow-origin')).toBeNull();
    expect(events).toEqual([]);
  });

  it('a route that takes OPTIONS gets them, too', async () => {
    await preflight('http://good.example', '/files/a');
    expect(events).toMatchObject([['files', { requestContext: { http: { method: 'OPTIONS' } } }]]);
  });

  it('the declared headers replace those of the function', async () => {
    answer = () => ({ statusCode: 200, headers: { 'Access-Control-Allow-Origin': '*', 'x-own': '1' } });
    const get = async (origin: string) => {
      const response = await fetch(`${base}/v1/pipelines`, { headers: { origin } });
      return Object.fromEntries(response.headers);
    };
    expect(await get('http://good.example')).toMatchObject({
      'access-control-allow-origin': 'http://good.example',
      'access-control-expose-headers': 'x-shown',
      'x-own': '1',
    });
    expect(await get('http://bad.example')).not.toHaveProperty('access-control-allow-origin');
  });
});

describe('a route with the authorizer aws_iam', () => {
  const path = '/v1/pipelines/digits';
  const iamOf = () => (events[0]?.[1].requestContext.authorizer as { iam?: object } | undefined)?.iam;

  it('takes whoever did not sign for the account', async () => {
    await fetch(`${base}${path}`);
    expect(iamOf()).toMatchObject({ userArn: 'arn:aws:iam::000000000000:root', userId: '000000000000' });
  });

  it('tells which function called', async () => {
    await fetch(`${base}${path}`, {
      headers: {
        authorization: 'AWS4-HMAC-SHA256 Credential=role.r/20200312/us-east-1/execute-api/aws4_request',
        'x-amz-security-token': 'session.f',
      },
    });
    expect(iamOf()).toMatchObject({ userArn: 'arn:aws:sts::000000000000:assumed-role/r/f', userId: 'r:f' });
  });

  describe('where signatures are strict', () => {
    const credentials = { accessKeyId: 'alice', secretAccessKey: 'secret' };

    class Sha256 {
      readonly #hash;
      constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
        this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as Buffer);
      }
      update(data: Uint8Array | string): void {
        this.#hash.update(data);
      }
      async digest(): Promise<Uint8Array> {
        return this.#hash.digest();
      }
      reset(): void {
        throw new Error('A hash is used once');
      }
    }

    /** Signed by the AWS SDK's own signer. */
    async function signed(method: string, body = '', more: { secret?: string; service?: string } = {}) {
      const signer = new SignatureV4({
        service: more.service ?? 'execute-api',
        region: 'us-east-1',
        sha256: Sha256,
        credentials: { ...credentials, secretAccessKey: more.secret ?? credentials.secretAccessKey },
      });
      const { host, hostname, port } = new URL(base);
      const request = { method, hostname, port: Number(port), protocol: 'http:', path, body };
      const { headers } = await signer.sign({ ...request, query: { a: 'b c' }, headers: { host } });
      return { method, headers, ...(body && { body }) };
    }

    beforeEach(async () => {
      await api.close();
      const secretOf = (key: string) => (key === 'alice' ? 'secret' : undefined);
      await open({ verify: (request) => verifySignature(request, secretOf, Date.now()) });
    });

    it('lets in who signed', async () => {
      expect((await fetch(`${base}${path}?a=b%20c`, await signed('GET'))).status).toBe(204);
      expect(iamOf()).toMatchObject({ accessKey: 'alice' });
      expect((await fetch(`${base}${path}?a=b%20c`, await signed('PUT', 'body'))).status).toBe(204);
    });

    it('forbids the others', async () => {
      const attempts: [string, RequestInit][] = [
        ['?a=b%20c', {}],
        ['?a=b%20d', await signed('GET')],
        ['?a=b%20c', await signed('GET', '', { secret: 'guessed' })],
        ['?a=b%20c', await signed('GET', '', { service: 's3' })],
        ['?a=b%20c', { ...(await signed('PUT', 'body')), body: 'another' }],
        ['?a=b%20c', { headers: { authorization: 'AWS4-HMAC-SHA256 nonsense' } }],
      ];
      for (const [query, init] of attempts) {
        const response = await fetch(`${base}${path}${query}`, init);
        expect([response.status, await response.text()]).toEqual([403, '{"message":"Forbidden"}']);
      }
      expect(events).toEqual([]);
    });

    it('leaves the other routes open', async () => {
      expect((await fetch(`${base}/v1/pipelines`)).status).toBe(204);
    });
  });
});

it.each([
  'GET /v1/pipelines HTTP/1.1\r\nhost: x\r\nbroken header\r\n\r\n',
  'NONSENSE\r\n\r\n',
  'PUT /v1/pipelines/digits HTTP/1.1\r\nhost: x\r\ncontent-length: nine\r\n\r\n',
])('answers a broken request with 400, and lives on: %j', async (text) => {
  const socket = connect(Number(new URL(base).port), '127.0.0.1');
  socket.end(text);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 400 /);
  expect((await fetch(`${base}/v1/pipelines`)).status).toBe(204);
});

it('lives on when an upload is broken off', async () => {
  const socket = connect(Number(new URL(base).port), '127.0.0.1');
  socket.write('PUT /v1/pipelines/digits HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf');
  await new Promise((resolve) => setTimeout(resolve, 20));
  socket.destroy();
  expect((await fetch(`${base}/v1/pipelines`)).status).toBe(204);
  expect(events.map(([name]) => name)).toEqual(['list']);
});

describe('the router', () => {
  const route = (key: string) => {
    const [method = '', path = method] = key.split(' ');
    return { method, path, functionName: key };
  };
  const find = createRouter(
    [
      '$default',
      'ANY /{proxy+}',
      'GET /a/{x}',
      'ANY /a/{x}',
      'GET /a/b',
      'GET /a/{x}/c',
      'GET /d/{rest+}',
      'GET /{x}/{y}/z',
    ].map(route),
  );

  it.each([
    ['GET', '/a/b', 'GET /a/b', {}],
    ['POST', '/a/b', 'ANY /a/{x}', { x: 'b' }],
    ['GET', '/a/q', 'GET /a/{x}', { x: 'q' }],
    ['GET', '/a/q/c', 'GET /a/{x}/c', { x: 'q' }],
    ['GET', '/d/e/f g%25', 'GET /d/{rest+}', { rest: 'e/f g%' }],
    ['GET', '/d/e/z', 'GET /{x}/{y}/z', { x: 'd', y: 'e' }],
    ['GET', '/a/%E0%A4%A', 'GET /a/{x}', { x: '%E0%A4%A' }],
    ['GET', '/a/', 'ANY /{proxy+}', { proxy: 'a/' }],
    ['GET', '/', '$default', {}],
  ])('%s %s goes to %s', (method, path, key, pathParameters) => {
    expect(find(method, path)).toEqual({ route: route(key), pathParameters });
  });

  it('gives any value back decoded', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (value) => {
        fc.pre(!value.includes('/'));
        const found = find('GET', decodePath(`/a/${encodeURIComponent(value)}/c`));
        expect(found).toMatchObject({
          route: { functionName: 'GET /a/{x}/c' },
          pathParameters: { x: value },
        });
      }),
    );
  });
});
