import { performance } from 'node:perf_hooks';
import { AwsError } from '../../aws-error.ts';
import type { RecordedMetric } from '../../cloudwatch/metric.ts';
import { readBody, sendJsonError } from '../../json-protocol.ts';
import type { AwsRequest } from '../../ports.ts';
import type { Capture } from '../capture/capture.ts';
import type { Context } from '../context.ts';
import { NoAnswer } from '../process/container.ts';
import type { Invoked, ModelServer } from '../process/model-server.ts';
import type { Deployer } from './deployer.ts';
import type { Fleet } from './fleet.ts';
import type { Endpoint } from './record.ts';
import { pickVariant } from './route.ts';

const MAX_BODY_BYTES = 6_291_456;
const TIMEOUT_MS = 60_000;
const PATH = /^\/endpoints\/([^/]+)\/invocations$/;
const ATTRIBUTES = 'x-amzn-sagemaker-custom-attributes';

export interface InvokeOptions {
  readonly context: Context;
  readonly deployer: Deployer;
  readonly capture: Capture;
  readonly recordMetric: (metric: RecordedMetric) => void;
  readonly random: () => number;
}

interface Routed {
  readonly endpoint: string;
  readonly variant: string;
  readonly fleet: Fleet;
  readonly server: ModelServer;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** InvokeEndpoint: `POST /endpoints/{name}/invocations`. */
export function createInvoker(options: InvokeOptions): (request: AwsRequest) => Promise<void> {
  const { context, deployer, capture } = options;

  async function route(request: AwsRequest): Promise<Routed> {
    const endpoint = findEndpoint(context, request);
    const headers = checkedHeaders(request);
    const body = await readInvocation(request);
    const fleet = await deployer.serving(endpoint.name);
    // Read again: the fleet may have been replaced while the body came in.
    const { states } = context.store.get<Endpoint>('endpoint', endpoint.name) ?? endpoint;
    const variant = pickVariant(states, text(request, 'target-variant'), options.random());
    const server = fleet?.servers.get(variant);
    if (!fleet || !server)
      throw new AwsError('ServiceUnavailable', 'The endpoint has no healthy instance.', 503);
    return { endpoint: endpoint.name, variant, fleet, server, headers, body };
  }

  function captureAnswer(request: AwsRequest, routed: Routed, output: Invoked): void {
    const { fleet, endpoint, variant, body, headers } = routed;
    if (!fleet.spec.capture) return;
    const time = context.clock.now();
    const inferenceId = text(request, 'inference-id');
    capture.record(fleet.spec.capture, {
      endpoint,
      variant,
      time,
      inferenceId,
      input: { body, headers },
      output,
    });
  }

  async function invoke(request: AwsRequest): Promise<void> {
    const began = performance.now();
    const routed = await route(request);
    const { endpoint, variant } = routed;
    const asked = performance.now();
    const measure = (modelMs: number, failure?: AwsError) => {
      const now = context.clock.now();
      record(options.recordMetric, { endpoint, variant, now, modelMs, overheadMs: asked - began, failure });
    };
    try {
      const answer = await routed.server.invoke(routed.body, routed.headers, TIMEOUT_MS);
      const modelMs = performance.now() - asked;
      if (answer.status < 200 || answer.status > 299) throw modelError(context, endpoint, answer);
      captureAnswer(request, routed, answer);
      measure(modelMs);
      reply(request, variant, answer);
    } catch (error) {
      const failure = error instanceof NoAnswer ? noAnswer(context, endpoint, error) : error;
      if (failure instanceof AwsError) measure(performance.now() - asked, failure);
      throw failure;
    }
  }

  return async (request) => {
    try {
      await invoke(request);
    } catch (error) {
      // What is left of the body is read and dropped, so that the client gets to read the answer.
      request.req.resume();
      sendJsonError(request, 'application/json', error);
    }
  };
}

function findEndpoint(context: Context, request: AwsRequest): Endpoint {
  const path = PATH.exec(request.url.pathname);
  if (!path || request.req.method !== 'POST') {
    throw new AwsError(
      'UnknownOperationException',
      'The embedded cloud offers POST /endpoints/{name}/invocations only.',
      404,
    );
  }
  const name = decoded(path[1] ?? '');
  const endpoint = context.store.get<Endpoint>('endpoint', name);
  const serving = endpoint?.EndpointStatus === 'InService' || endpoint?.EndpointStatus === 'Updating';
  if (!serving)
    throw new AwsError(
      'ValidationError',
      `Endpoint ${name} of account ${context.identity.account} not found.`,
    );
  return endpoint;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new AwsError('ValidationError', 'The endpoint name is not valid percent-encoding.');
  }
}

/** The value of `X-Amzn-SageMaker-<name>`. */
function text(request: AwsRequest, name: string): string | undefined {
  const value = request.req.headers[`x-amzn-sagemaker-${name}`];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function checkedHeaders(request: AwsRequest): Record<string, string> {
  const limits: readonly [string, number][] = [
    ['inference-id', 64],
    ['custom-attributes', 1024],
  ];
  const passed: Record<string, string> = {};
  for (const [name, limit] of limits) {
    const value = text(request, name);
    if (value === undefined) continue;
    if (value.length > limit) {
      throw new AwsError(
        'ValidationError',
        `X-Amzn-SageMaker-${name} must have length less than or equal to ${limit}`,
      );
    }
    passed[`x-amzn-sagemaker-${name}`] = value;
  }
  const { accept, 'content-type': contentType } = request.req.headers;
  return {
    ...passed,
    'content-type': contentType ?? 'application/octet-stream',
    ...(accept ? { accept } : {}),
  };
}

async function readInvocation(request: AwsRequest): Promise<Buffer> {
  const tooLarge = () =>
    new AwsError('ValidationError', `HTTP content length exceeded ${MAX_BODY_BYTES} bytes.`, 413);
  if (Number(request.req.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  return readBody(request, MAX_BODY_BYTES).catch((error) => {
    throw error instanceof AwsError ? tooLarge() : error;
  });
}

function modelError(context: Context, endpoint: string, answer: Invoked): AwsError {
  const original = answer.body.toString('utf8').slice(0, 1024);
  const kind = answer.status < 500 ? 'client' : 'server';
  return modelFailure(
    context,
    endpoint,
    answer.status,
    original,
    `Received ${kind} error (${answer.status}) from ${answer.container} with message "${original}".`,
  );
}

function noAnswer(context: Context, endpoint: string, { kind }: NoAnswer): AwsError {
  const original =
    kind === 'timeout'
      ? 'Your invocation timed out while waiting for a response from container primary. Review the latency metrics for each container in Amazon CloudWatch, resolve the issue, and try again.'
      : 'The connection to the container was closed before it answered.';
  return modelFailure(
    context,
    endpoint,
    0,
    original,
    `Received server error (0) from primary with message "${original}".`,
  );
}

function modelFailure(
  context: Context,
  endpoint: string,
  status: number,
  original: string,
  message: string,
): AwsError {
  const { account, region } = context.identity;
  const group = `/aws/sagemaker/Endpoints/${endpoint}`;
  const where = `See https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#logEventViewer:group=${group} in account ${account} for more information.`;
  return new AwsError('ModelError', `${message} ${where}`, 424, {
    OriginalStatusCode: status,
    OriginalMessage: original,
    LogStreamArn: `arn:aws:logs:${region}:${account}:log-group:${group}`,
  });
}

function reply({ res, requestId }: AwsRequest, variant: string, answer: Invoked): void {
  if (res.destroyed) return;
  const attributes = answer.headers[ATTRIBUTES];
  res.writeHead(200, {
    'content-type': answer.headers['content-type'] ?? 'application/octet-stream',
    'content-length': answer.body.length,
    'x-amzn-requestid': requestId,
    'x-amzn-invoked-production-variant': variant,
    ...(attributes ? { [ATTRIBUTES]: attributes } : {}),
  });
  res.end(answer.body);
}

interface Measured {
  readonly endpoint: string;
  readonly variant: string;
  readonly now: number;
  readonly modelMs: number;
  readonly overheadMs: number;
  readonly failure: AwsError | undefined;
}

/** CloudWatch's `AWS/SageMaker` metrics of one invocation; latencies are in microseconds. */
function record(recordMetric: (metric: RecordedMetric) => void, measured: Measured): void {
  const status = measured.failure
    ? Number(measured.failure.members.OriginalStatusCode ?? measured.failure.status)
    : 200;
  const put = (name: string, value: number, unit: 'None' | 'Microseconds') =>
    recordMetric({
      namespace: 'AWS/SageMaker',
      name,
      dimensions: { EndpointName: measured.endpoint, VariantName: measured.variant },
      value,
      unit,
      time: measured.now,
    });
  put('Invocations', 1, 'None');
  put('Invocation4XXErrors', Number(status >= 400 && status < 500), 'None');
  put('Invocation5XXErrors', Number(status >= 500 || status === 0), 'None');
  put('InvocationModelErrors', Number(measured.failure?.code === 'ModelError'), 'None');
  put('ModelLatency', Math.round(measured.modelMs * 1000), 'Microseconds');
  put('OverheadLatency', Math.round(measured.overheadMs * 1000), 'Microseconds');
}
