/** The HTTP API by curl: payload format 2.0, its answers, and those of API Gateway itself. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { describeWith } from '../support/outside-client.ts';
import { startHttpApi } from './http-api.functions.ts';
import type { BareCloud } from './support/bare-cloud.ts';
import { CURL, curl } from './support/curl.ts';

describeWith(CURL, 'the HTTP API', () => {
  let cloud: BareCloud;
  let url: string;

  beforeAll(async () => {
    cloud = await startHttpApi();
    url = cloud.cloud.info.apiUrl;
  });
  afterAll(() => cloud?.close());

  const event = async (...args: readonly string[]): Promise<APIGatewayProxyEventV2> =>
    JSON.parse((await curl(...args)).body);
  const answered = (value: unknown, ...args: readonly string[]) =>
    curl(...args, '--get', '--data-urlencode', `with=${JSON.stringify(value)}`, `${url}/answer`);
  const file = (name: string, content: string | Buffer) => {
    const path = join(cloud.dir, name);
    writeFileSync(path, content);
    return path;
  };

  describe('the event', () => {
    it('has the path decoded, the query as it came, and both as parameters', async () => {
      expect(await event(`${url}/things/caf%C3%A9%20au%20lait?tag=a%20b&tag=c%2Cd&flag&x=%2B`)).toMatchObject(
        {
          version: '2.0',
          routeKey: 'GET /things/{thing}',
          rawPath: '/things/café au lait',
          rawQueryString: 'tag=a%20b&tag=c%2Cd&flag&x=%2B',
          pathParameters: { thing: 'café au lait' },
          queryStringParameters: { tag: 'a b,c,d', flag: '', x: '+' },
          requestContext: {
            accountId: '000000000000',
            http: {
              method: 'GET',
              path: '/things/café au lait',
              protocol: 'HTTP/1.1',
              sourceIp: '127.0.0.1',
            },
            routeKey: 'GET /things/{thing}',
            stage: '$default',
            time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
            timeEpoch: expect.any(Number),
          },
          isBase64Encoded: false,
        },
      );
    });

    it('has nothing for what the request does not have', async () => {
      const found = await event(`${url}/files/a`);
      for (const key of ['body', 'cookies', 'queryStringParameters', 'stageVariables'])
        expect(found).not.toHaveProperty(key);
      expect(found.requestContext).not.toHaveProperty('authorizer');
    });

    it('joins repeated headers by commas, in lower case, and has cookies of their own', async () => {
      const found = await event(
        '-H',
        'X-Many: one',
        '-H',
        'X-Many: two',
        '-b',
        'a=1; b=2',
        `${url}/things/a`,
      );
      expect(found.headers).toMatchObject({ 'x-many': 'one,two', host: url.slice(7) });
      expect(found.headers).not.toHaveProperty('cookie');
      expect(found.cookies).toEqual(['a=1', 'b=2']);
    });

    it('has a textual body as text, any other in base64, forms too', async () => {
      const put = (type: string, body: string) =>
        event('-X', 'PUT', '-H', `content-type: ${type}`, '--data-binary', body, `${url}/things/a`);
      expect(await put('application/json', '{"é":1}')).toMatchObject({
        body: '{"é":1}',
        isBase64Encoded: false,
      });
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
      expect(await put('image/png', `@${file('bytes', bytes)}`)).toMatchObject({
        body: bytes.toString('base64'),
        isBase64Encoded: true,
      });
      expect(await event('-X', 'PUT', '-d', 'a=b', `${url}/things/a`)).toMatchObject({
        body: Buffer.from('a=b').toString('base64'),
        isBase64Encoded: true,
      });
    });

    it('names the account for who did not sign, at a route with aws_iam', async () => {
      const { requestContext } = await event(`${url}/private/a`);
      expect(requestContext).toMatchObject({
        authorizer: { iam: { accountId: '000000000000', userArn: 'arn:aws:iam::000000000000:root' } },
      });
    });
  });

  it('chooses the full path before the greedy one, and a greedy one keeps its slashes', async () => {
    const { pathParameters } = await event('-X', 'DELETE', `${url}/files/a/b%2Fc//d`);
    expect(pathParameters).toEqual({ proxy: 'a/b/c//d' });
    expect((await curl('--get', '-d', 'with=7', `${url}/files/special`)).body).toBe('7');
  });

  describe('the answer', () => {
    it('is what the function says', async () => {
      const { status, headers, body } = await answered({
        statusCode: 201,
        headers: { 'Content-Type': 'text/csv', 'X-Own': 'yes' },
        cookies: ['a=1; Secure', 'b=2'],
        body: 'a,b',
      });
      expect([status, body]).toEqual([201, 'a,b']);
      expect(headers).toMatchObject({
        'content-type': ['text/csv'],
        'x-own': ['yes'],
        'set-cookie': ['a=1; Secure', 'b=2'],
        'apigw-requestid': [expect.any(String)],
      });
    });

    it('is decoded from base64', async () => {
      const body = Buffer.from('grüße').toString('base64');
      expect((await answered({ statusCode: 200, body, isBase64Encoded: true })).body).toBe('grüße');
    });

    it.each([
      [{ a: 1 }, '{"a":1}'],
      ['text', 'text'],
      [[1, 2], '[1,2]'],
    ])('is inferred from %j: 200 and JSON', async (value, text) => {
      const { status, headers, body } = await answered(value);
      expect([status, body]).toEqual([200, text]);
      expect(headers['content-type']).toEqual(['application/json']);
    });

    it.each([[{ statusCode: 'x' }], [{ statusCode: 200, body: {} }], [{ statusCode: 999 }]])(
      'is Internal Server Error for %j',
      async (value) => {
        const { status, body } = await answered(value);
        expect([status, body]).toEqual([500, '{"message":"Internal Server Error"}']);
      },
    );

    it('has no body for HEAD, 204 and 304', async () => {
      for (const statusCode of [204, 304]) {
        const { status, body, headers } = await answered({ statusCode, body: 'x' });
        expect([status, body, headers['content-length']]).toEqual([statusCode, '', undefined]);
      }
      const { status, body } = await curl('--head', `${url}/files/a`);
      expect([status, body]).toEqual([200, '']);
    });
  });

  it.each([
    ['a path that no route has', 404, 'Not Found', ['/nowhere']],
    ['a method that no route has', 404, 'Not Found', ['-X', 'POST', '/things/a']],
    ['a handler that throws', 500, 'Internal Server Error', ['/answer?with=no+json']],
    ['a function that takes too long', 503, 'Service Unavailable', ['/sleep']],
  ])('answers %s with %d %s', async (_what, status, text, args) => {
    const { body, ...answer } = await curl(...args.map((each) => (each.startsWith('/') ? url + each : each)));
    expect([answer.status, JSON.parse(body)]).toEqual([status, { message: text }]);
  });

  it('takes 5 MB of text, and refuses more than Lambda takes, and than API Gateway does', async () => {
    const put = (bytes: number) => {
      const data = file('large', 'a'.repeat(bytes));
      return curl(
        '-X',
        'PUT',
        '-H',
        'content-type: text/plain',
        '--data-binary',
        `@${data}`,
        `${url}/things/a`,
      );
    };
    expect((JSON.parse((await put(5_000_000)).body) as { body: string }).body).toHaveLength(5_000_000);
    // Lambda takes 6 MB, API Gateway 10 MB.
    for (const size of [7_000_000, 10 * 1024 ** 2 + 1]) {
      const { status, body } = await put(size);
      expect([status, body]).toEqual([413, '{"message":"Request Entity Too Large"}']);
    }
  });

  it('answers preflights of the declared origins', async () => {
    const preflight = (origin: string) =>
      curl(
        '-X',
        'OPTIONS',
        '-H',
        `origin: ${origin}`,
        '-H',
        'access-control-request-method: PUT',
        `${url}/things/a`,
      );
    const good = await preflight('https://good.example');
    expect([good.status, good.body]).toEqual([204, '']);
    expect(good.headers).toMatchObject({
      'access-control-allow-origin': ['https://good.example'],
      'access-control-allow-methods': ['GET,PUT'],
      'access-control-max-age': ['60'],
    });
    expect((await preflight('https://bad.example')).headers).not.toHaveProperty(
      'access-control-allow-origin',
    );
    const get = await curl('-H', 'origin: https://good.example', `${url}/things/a`);
    expect(get.headers['access-control-allow-origin']).toEqual(['https://good.example']);
  });
});
