import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { isRunRequest } from '../contracts/generated/validators.mjs';
import { bodyText, type HttpAnswer, HttpProblem, handleHttp, parsedBody } from './handle-http.ts';
import { capturingLog } from './testing/captured-log.ts';

const event = (rest: Partial<APIGatewayProxyEventV2> = {}) =>
  ({ routeKey: 'GET /v1/x', ...rest }) as APIGatewayProxyEventV2;

async function call(answer: (event: APIGatewayProxyEventV2) => Promise<HttpAnswer>, request = event()) {
  const { answer: response, lines } = await capturingLog(
    () => handleHttp(answer)(request, {} as never) as Promise<APIGatewayProxyStructuredResultV2>,
  );
  return { ...response, json: JSON.parse(response.body ?? ''), lines };
}

describe('a function behind the HTTP API', () => {
  it('answers JSON that nobody keeps', async () => {
    expect(await call(async () => ({ status: 201, body: { a: 1 } }))).toMatchObject({
      statusCode: 201,
      json: { a: 1 },
      headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
    });
  });

  it('refuses with a code and a reason', async () => {
    const problem = { error: 'UnknownRun', message: 'There is none' };
    const refuse = async () => {
      throw new HttpProblem(404, problem);
    };
    expect(await call(refuse)).toMatchObject({ statusCode: 404, json: problem, lines: [] });
  });

  it('tells nothing of its own accidents but to the log', async () => {
    const fail = async () => {
      throw new Error('secret');
    };
    const { statusCode, body, lines } = await call(fail);
    expect([statusCode, body?.includes('secret')]).toEqual([500, false]);
    expect(lines[0]).toContain('secret');
  });
});

describe('a body', () => {
  const parse = (body: string, rest: Partial<APIGatewayProxyEventV2> = {}) =>
    parsedBody(isRunRequest, event({ body, ...rest }));

  it('is read from text and from base64', () => {
    expect(parse('{"reason": "r"}')).toEqual({ reason: 'r' });
    const body = Buffer.from('{"reason": "é"}').toString('base64');
    expect(parse(body, { isBase64Encoded: true })).toEqual({ reason: 'é' });
    expect(bodyText(event())).toBe('');
  });

  it.each([
    ['{', 'InvalidJson'],
    ['', 'InvalidBody'],
    ['[]', 'InvalidBody'],
    ['{"reason": ""}', 'InvalidBody'],
    ['{"reason": "r", "other": 1}', 'InvalidBody'],
    ['{"reason": "r", "request": "a b"}', 'InvalidBody'],
  ])('%s is refused as %s', (body, error) => {
    expect(() => parse(body)).toThrow(
      expect.objectContaining({ status: 400, problem: expect.objectContaining({ error }) }),
    );
  });
});
