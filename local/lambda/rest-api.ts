import { AwsError } from '../aws-error.ts';
import { sendJsonError } from '../json-protocol.ts';
import type { AwsRequest, Identity, InvokeResult } from '../ports.ts';
import { type FunctionDefinition, functionArn, functionNameOf, roleArn } from './function-definition.ts';
import { type InvocationType, type Received, receive } from './payload.ts';

const INVOKE = /^\/2015-03-31\/functions\/([^/]+)\/invocations\/?$/;
const JSON_TYPE = 'application/json';
const LIST = /^\/2015-03-31\/functions\/?$/;

/** The actions of Lambda's REST API that the embedded cloud offers. */
export const LAMBDA_ACTIONS = ['Invoke', 'ListFunctions'] as const;

export interface RestApiOptions {
  readonly identity: Identity;
  readonly functions: ReadonlyMap<string, FunctionDefinition>;
  readonly invoke: (name: string, payload: Received) => Promise<InvokeResult>;
  readonly accept: (name: string, payload: Received) => void;
}

/** Answers one request of Lambda's REST-JSON API
 * (https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html, …/API_ListFunctions.html). */
export async function answerLambda(request: AwsRequest, options: RestApiOptions): Promise<void> {
  const { method } = request.req;
  const { pathname } = request.url;
  try {
    const reference = INVOKE.exec(pathname)?.[1];
    if (method === 'POST' && reference)
      return await answerInvoke(request, options, decodeURIComponent(reference));
    if (method === 'GET' && LIST.test(pathname)) return listFunctions(request, options);
    const message = `The embedded cloud's Lambda does not offer ${method} ${pathname}.`;
    throw new AwsError('UnknownOperationException', message, 404);
  } catch (error) {
    sendJsonError(request, JSON_TYPE, error);
  }
}

async function answerInvoke(request: AwsRequest, options: RestApiOptions, reference: string): Promise<void> {
  const { headers } = request.req;
  const payload = await receive(request.req);
  const name = functionNameOf(reference);
  const qualifier = request.url.searchParams.get('Qualifier') ?? qualifierOf(reference);
  if (!options.functions.has(name) || qualifier !== '$LATEST')
    throw functionNotFound(options.identity, qualifier === '$LATEST' ? name : `${name}:${qualifier}`);
  switch (invocationType(headers['x-amz-invocation-type'])) {
    case 'DryRun':
      return send(request, 204, '');
    case 'Event':
      options.accept(name, payload);
      return send(request, 202, '');
    case 'RequestResponse': {
      const { payload: body, functionError, logTail = '' } = await options.invoke(name, payload);
      return send(request, 200, body, {
        'x-amz-executed-version': '$LATEST',
        ...(functionError && { 'x-amz-function-error': functionError }),
        ...(headers['x-amz-log-type'] === 'Tail' && { 'x-amz-log-result': logTail }),
      });
    }
  }
}

function qualifierOf(reference: string): string {
  const [, qualifier = '$LATEST'] = /(?:^|function:)[^:]+:([^:]+)$/.exec(reference) ?? [];
  return qualifier;
}

function invocationType(header: string | string[] = 'RequestResponse'): InvocationType | 'DryRun' {
  if (header === 'RequestResponse' || header === 'Event' || header === 'DryRun') return header;
  throw new AwsError(
    'InvalidParameterValueException',
    `1 validation error detected: Value '${header}' at 'invocationType' failed to satisfy constraint: Member must satisfy enum value set: [Event, RequestResponse, DryRun]`,
  );
}

export function functionNotFound(identity: Identity, name: string): AwsError {
  const message = `Function not found: ${functionArn(identity, name)}`;
  return new AwsError('ResourceNotFoundException', message, 404, { Type: 'User' });
}

function listFunctions(request: AwsRequest, { identity, functions }: RestApiOptions): void {
  const Functions = [...functions.values()].map((definition) => ({
    FunctionName: definition.name,
    FunctionArn: functionArn(identity, definition.name),
    Runtime: definition.runtime,
    Role: roleArn(identity, definition),
    Handler: definition.handler,
    Timeout: definition.timeoutSeconds,
    MemorySize: definition.memoryMb,
    Version: '$LATEST',
    PackageType: 'Zip',
    Environment: { Variables: definition.environment },
  }));
  send(request, 200, JSON.stringify({ Functions }));
}

function send(
  { res, requestId }: AwsRequest,
  status: number,
  body: string,
  headers: Record<string, string> = {},
): void {
  if (res.destroyed) return;
  res.writeHead(status, {
    'content-type': JSON_TYPE,
    'x-amzn-requestid': requestId,
    ...(status === 204 ? {} : { 'content-length': Buffer.byteLength(body) }),
    ...headers,
  });
  res.end(body);
}
