import type { APIGatewayProxyEventV2WithIAMAuthorizer } from 'aws-lambda';
import fc from 'fast-check';
import type { Invoke } from '../ports.ts';
import { createRouter } from './route.ts';
import { createHttpApi, type HttpApi, type HttpApiOptions } from './service.ts';

type Event = APIGatewayProxyEventV2WithIAMAuthorizer;

let api: HttpApi;
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
      { method: 'PUT', path: '/v1/pipelines/{pipeline}', functionName: 'declare' },
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
  await fetch(`${base}/v1/pipelines/caf%C3%A9%2Fx?tag=b%20c&tag=d&empty=`, { headers });
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
        rawPath: '/v1/pipelines/caf%C3%A9%2Fx',
        rawQueryString: 'tag=b%20c&tag=d&empty=',
        cookies: ['a=1', 'b=2'],
        headers: expect.objectContaining({ 'x-twice': 'one', host: base.slice(7) }),
        queryStringParameters: { tag: 'b c,d', empty: '' },
        pathParameters: { pipeline: 'café/x' },
        requestContext: {
          accountId: '000000000000',
          apiId: 'local',
          authorizer: { iam },
          domainName: base.slice(7),
          domainPrefix: 'local',
          http: {
            method: 'GET',
            path: '/v1/pipelines/caf%C3%A9%2Fx',
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
  ['application/json', '{"a":"é"}', '{"a":"é"}', false],
  ['application/problem+json', '{}', '{}', false],
  ['text/csv; charset=utf-8', 'a,b', 'a,b', false],
  ['application/octet-stream', 'a,b', Buffer.from('a,b').toString('base64'), true],
])('gives a body of type %s as text or base64', async (type, body, seen, isBase64Encoded) => {
  await fetch(`${base}/v1/pipelines/digits`, { method: 'PUT', body, headers: { 'content-type': type } });
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
    { 'set-cookie': 'a=1' },
  ],
  [{ statusCode: 204 }, 204, '', {}],
  [{ pipelines: [] }, 200, '{"pipelines":[]}', { 'content-type': 'application/json' }],
  ['plain', 200, 'plain', { 'content-type': 'application/json' }],
  [null, 200, 'null', {}],
  [{ statusCode: 'many' }, 500, '{"message":"Internal Server Error"}', {}],
  [{ statusCode: 200, body: { not: 'text' } }, 500, '{"message":"Internal Server Error"}', {}],
])('answers what the function returns: %j', async (value, status, body, headers) => {
  answer = () => value;
  const response = await fetch(`${base}/v1/pipelines`);
  expect([response.status, await response.text()]).toEqual([status, body]);
  expect(Object.fromEntries(response.headers)).toMatchObject(headers);
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

it('answers preflights and adds the declared CORS headers for an allowed origin only', async () => {
  await api.close();
  await open({
    cors: {
      AllowOrigins: ['http://good.example'],
      AllowMethods: ['GET'],
      AllowHeaders: ['x-own'],
      MaxAge: 60,
    },
  });
  const preflight = (origin: string) =>
    fetch(`${base}/v1/pipelines`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'GET' },
    });
  const good = await preflight('http://good.example');
  expect(good.status).toBe(204);
  expect(Object.fromEntries(good.headers)).toMatchObject({
    'access-control-allow-origin': 'http://good.example',
    'access-control-allow-methods': 'GET',
    'access-control-allow-headers': 'x-own',
    'access-control-max-age': '60',
  });
  expect((await preflight('http://bad.example')).headers.get('access-control-allow-origin')).toBeNull();
  expect(events).toEqual([]);
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
    ].map(route),
  );

  it.each([
    ['GET', '/a/b', 'GET /a/b', {}],
    ['POST', '/a/b', 'ANY /a/{x}', { x: 'b' }],
    ['GET', '/a/q', 'GET /a/{x}', { x: 'q' }],
    ['GET', '/a/q/c', 'GET /a/{x}/c', { x: 'q' }],
    ['GET', '/d/e/f%20g', 'GET /d/{rest+}', { rest: 'e/f g' }],
    ['GET', '/a/%E0%A4%A', 'GET /a/{x}', { x: '%E0%A4%A' }],
    ['GET', '/a/', 'ANY /{proxy+}', { proxy: 'a/' }],
    ['GET', '/', '$default', {}],
  ])('%s %s goes to %s', (method, path, key, pathParameters) => {
    expect(find(method, path)).toEqual({ route: route(key), pathParameters });
  });

  it('gives any value back decoded', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (value) => {
        const found = find('GET', `/a/${encodeURIComponent(value)}/c`);
        expect(found).toMatchObject({
          route: { functionName: 'GET /a/{x}/c' },
          pathParameters: { x: value },
        });
      }),
    );
  });
});
