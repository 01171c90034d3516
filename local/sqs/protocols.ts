import { answerJson } from '../json-protocol.ts';
import type { AwsRequest } from '../ports.ts';
import { answerQuery, type QueryResult } from '../query-protocol.ts';
import { QUERY_CODES } from './failure.ts';
import { fromQuery, parameterTree, toXml } from './query.ts';
import { check, shapesOf } from './shapes.ts';

/** What SQS does, by the action's name: takes an input of the action's shape, gives its result, throws AwsError. */
export type Actions = Readonly<Record<string, (input: never) => unknown>>;

/** Answers one request in the protocol that it speaks: JSON, or Query, as AWS CLI 2.9 and older SDKs do. */
export function answer(request: AwsRequest, actions: Actions): Promise<void> {
  const byName = <T>(each: (name: string) => T) =>
    Object.fromEntries(Object.keys(actions).map((name) => [name, each(name)]));
  const queryCodes = QUERY_CODES;
  if (request.req.headers['content-type']?.startsWith('application/x-amz-json')) {
    const jsonActions = byName((name) => (input: unknown) => run(actions, name, input));
    return answerJson(request, { version: '1.0', actions: jsonActions, queryCodes });
  }
  const queryActions = byName((name) => queryAction(request, actions, name));
  const namespace = 'http://queue.amazonaws.com/doc/2012-11-05/';
  return answerQuery(request, { namespace, actions: queryActions, queryCodes });
}

async function run(actions: Actions, name: string, input: unknown): Promise<Record<string, unknown>> {
  check((await shapesOf(name)).input, input);
  return ((await actions[name]?.(input as never)) ?? {}) as Record<string, unknown>;
}

function queryAction(request: AwsRequest, actions: Actions, name: string) {
  return async (parameters: URLSearchParams): Promise<QueryResult> => {
    // A request to a queue's own URL need not name it.
    if (!parameters.has('QueueUrl')) parameters.set('QueueUrl', String(request.url));
    const { input, output } = await shapesOf(name);
    const result = await run(actions, name, fromQuery(input, parameterTree(parameters)));
    return output.isUnitSchema() ? undefined : toXml(output, result);
  };
}
