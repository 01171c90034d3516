import { AwsError } from '../aws-error.ts';
import { readBody } from '../json-protocol.ts';
import type { AwsRequest, Identity, Invoke } from '../ports.ts';
import { MAX_ASYNC_REQUEST_BYTES, MAX_REQUEST_BYTES } from './failure.ts';
import { type FunctionDefinition, functionArn, functionNameOf, roleArn } from './function-definition.ts';

const INVOKE = /^\/2015-03-31\/functions\/([^/]+)\/invocations\/?$/;
const LIST = /^\/2015-03-31\/functions\/?$/;

/** The actions of Lambda's REST API that the embedded cloud offers. */
export const LAMBDA_ACTIONS = ['Invoke', 'ListFunctions'] as const;

export interface RestApiOptions {
  readonly identity: Identity;
  readonly functions: ReadonlyMap<string, FunctionDefinition>;
  readonly invoke: Invoke;
  readonly accept: (functionName: string, payload: string) => void;
}

/** Answers one request of Lambda's REST-JSON API
 * (https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html, …/API_ListFunctions.html). */
export async function answerLambda(request: AwsRequest, options: RestApiOptions): Promise<void> {
  try {
    const { method } = request.req;
    const name = INVOKE.exec(request.url.pathname)?.[1];
    if (method === 'POST' && name) return await answerInvoke(request, options, decodeURIComponent(name));
    if (method === 'GET' && LIST.test(request.url.pathname)) return listFunctions(request, options);
    const what = `${method} ${request.url.pathname}`;
    throw new AwsError(
      'UnknownOperationException',
      `The embedded cloud's Lambda does not offer ${what}.`,
      404,
    );
  } catch (error) {
    sendError(request, error);
  }
}

async function answerInvoke(request: AwsRequest, options: RestApiOptions, reference: string): Promise<void> {
  const name = functionNameOf(reference);
  const definition = options.functions.get(name);
  if (!definition) throw functionNotFound(options.identity, name);
  const type = request.req.headers['x-amz-invocation-type'] ?? 'RequestResponse';
  switch (type) {
    case 'DryRun':
      return send(request, 204, '');
    case 'Event':
      options.accept(name, await readPayload(request, MAX_ASYNC_REQUEST_BYTES));
      return send(request, 202, '');
    case 'RequestResponse': {
      const result = await options.invoke(name, await readPayload(request, MAX_REQUEST_BYTES));
      const error = result.functionError ? { 'x-amz-function-error': result.functionError } : {};
      return send(request, 200, result.payload, { 'x-amz-executed-version': '$LATEST', ...error });
    }
    default:
      throw new AwsError('InvalidParameterValueException', `Unsupported invocation type ${type}`);
  }
}

async function readPayload(request: AwsRequest, limit: number): Promise<string> {
  const body = await readBody(request, limit).catch((error: unknown) => {
    if (!(error instanceof AwsError)) throw error;
    const message = `Request must be smaller than ${limit} bytes for the InvokeFunction operation`;
    throw new AwsError('RequestTooLargeException', message, 413, { Type: 'User' });
  });
  return validPayload(body.toString('utf8'));
}

/** The payload as JSON text; an empty one is `{}`, as for AWS. Throws InvalidRequestContentException. */
export function validPayload(text: string): string {
  if (text === '') return '{}';
  try {
    JSON.parse(text);
    return text;
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new AwsError(
      'InvalidRequestContentException',
      `Could not parse request body into json: ${cause}`,
      400,
      {
        Type: 'User',
      },
    );
  }
}

export function functionNotFound(identity: Identity, name: string): AwsError {
  const message = `Function not found: ${functionArn(identity, name)}`;
  return new AwsError('ResourceNotFoundException', message, 404, { Type: 'User' });
}

function listFunctions(request: AwsRequest, options: RestApiOptions): void {
  const Functions = [...options.functions.values()].map((definition) => ({
    FunctionName: definition.name,
    FunctionArn: functionArn(options.identity, definition.name),
    Runtime: definition.runtime,
    Role: roleArn(options.identity, definition.roleName),
    Handler: definition.handler,
    Timeout: definition.timeoutSeconds,
    MemorySize: definition.memoryMb,
    Version: '$LATEST',
    PackageType: 'Zip',
    Environment: { Variables: definition.environment },
  }));
  send(request, 200, JSON.stringify({ Functions }));
}

function sendError(request: AwsRequest, error: unknown): void {
  if (!(error instanceof AwsError)) console.error(error);
  const failure =
    error instanceof AwsError
      ? error
      : new AwsError('ServiceException', 'The request failed inside the embedded cloud.', 500);
  const body = JSON.stringify({ ...failure.members, Message: failure.message, message: failure.message });
  send(request, failure.status, body, { 'x-amzn-errortype': failure.code });
}

function send(request: AwsRequest, status: number, body: string, headers: Record<string, string> = {}): void {
  if (request.res.headersSent || request.res.destroyed) return;
  request.res.writeHead(status, {
    'content-type': 'application/json',
    'x-amzn-requestid': request.requestId,
    ...(status === 204 ? {} : { 'content-length': Buffer.byteLength(body) }),
    ...headers,
  });
  request.res.end(body);
}
