import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Problem } from '../contracts/http.ts';
import { PoisonEvent, type Validator, validated } from './handle-event.ts';
import { log } from './log.ts';

/** A refusal that the caller can act on. `code` is stable, `message` says what to do. */
export class HttpProblem extends Error {
  readonly status: number;
  readonly problem: Problem;
  constructor(status: number, problem: Problem) {
    super(problem.message);
    this.status = status;
    this.problem = problem;
  }
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: unknown;
}

function respond({ status, body }: HttpAnswer): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
    body: JSON.stringify(body, null, 2),
  };
}

/** A function behind the HTTP API: answers, refusals (HttpProblem) and accidents (500) all become JSON. */
export function handleHttp(answer: (event: APIGatewayProxyEventV2) => Promise<HttpAnswer>) {
  return middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
    .use({
      onError: (request) => {
        const { error } = request;
        if (error instanceof HttpProblem) {
          request.response = respond({ status: error.status, body: error.problem });
          return;
        }
        log.error('The request failed', error, { routeKey: request.event.routeKey });
        const message = "The request failed on our side; the function's log tells why. Try again.";
        request.response = respond({ status: 500, body: { error: 'InternalError', message } });
      },
    })
    .handler(async (event) => respond(await answer(event)));
}

/** The request's body as text. */
export function bodyText(event: APIGatewayProxyEventV2): string {
  const body = event.body ?? '';
  return event.isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body;
}

/** The request's JSON body, checked against its contract. Throws a 400 that says where it differs. */
export function parsedBody<T>(validate: Validator, event: APIGatewayProxyEventV2): T {
  try {
    return validated<T>(validate, JSON.parse(bodyText(event) || '{}'));
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new HttpProblem(400, { error: 'InvalidJson', message: `The body is not JSON: ${error.message}` });
    if (error instanceof PoisonEvent)
      throw new HttpProblem(400, { error: 'InvalidBody', message: error.message });
    throw error;
  }
}
