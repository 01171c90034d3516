import { performance } from 'node:perf_hooks';
import { AwsError } from '../../aws-error.ts';
import type { RecordedMetric } from '../../cloudwatch/metric.ts';
import { sendJsonError } from '../../json-protocol.ts';
import type { AwsRequest } from '../../ports.ts';
import type { Capture } from '../capture/capture.ts';
import type { Context } from '../context.ts';
import { NoAnswer } from '../process/container.ts';
import type { Invoked, ModelServer } from '../process/model-server.ts';
import type { Deployer } from './deployer.ts';
import type { Fleet } from './fleet.ts';
import { endpointOf, type Invocation, readInvocation, refused } from './invocation.ts';
import { badAnswer, noAnswer } from './model-error.ts';
import type { Endpoint } from './record.ts';
import { pickVariant } from './route.ts';

const TIMEOUT_MS = 60_000;
const ATTRIBUTES = 'x-amzn-sagemaker-custom-attributes';

export interface InvokeOptions {
  readonly context: Context;
  readonly deployer: Deployer;
  readonly capture: Capture;
  readonly recordMetric: (metric: RecordedMetric) => void;
  readonly random: () => number;
  /** AWS's minute when absent. */
  readonly timeoutMs?: number | undefined;
}

interface Routed {
  readonly variant: string;
  readonly fleet: Fleet;
  readonly server: ModelServer;
}

/** InvokeEndpoint: `POST /endpoints/{name}/invocations`. */
export function createInvoker(options: InvokeOptions): (request: AwsRequest) => Promise<void> {
  const { context, deployer, capture, timeoutMs = TIMEOUT_MS } = options;

  function mustServe(name: string): Endpoint {
    const endpoint = context.store.get<Endpoint>('endpoint', name);
    if (endpoint?.EndpointStatus === 'InService' || endpoint?.EndpointStatus === 'Updating') return endpoint;
    throw refused(`Endpoint ${name} of account ${context.identity.account} not found.`);
  }

  async function route({ endpoint: name, variant: target }: Invocation): Promise<Routed> {
    const fleet = await deployer.serving(name);
    // Read only now: the fleet may have been replaced while the body came in.
    const variant = pickVariant(mustServe(name).states, target, options.random());
    const server = fleet?.servers.get(variant);
    if (!fleet || !server)
      throw new AwsError('ServiceUnavailable', 'The endpoint has no healthy instance.', 503);
    return { variant, fleet, server };
  }

  function captureAnswer(invocation: Invocation, { fleet, variant }: Routed, output: Invoked): void {
    if (!fleet.spec.capture) return;
    const { endpoint, inferenceId, body, headers } = invocation;
    const time = context.clock.now();
    const inference = { endpoint, variant, time, inferenceId, input: { body, headers }, output };
    capture.record(fleet.spec.capture, inference);
  }

  async function invoke(request: AwsRequest): Promise<void> {
    const began = performance.now();
    const endpoint = endpointOf(request);
    mustServe(endpoint);
    const invocation = await readInvocation(request, endpoint);
    const routed = await route(invocation);
    const { variant } = routed;
    const asked = performance.now();
    const measure = (modelMs: number, failure?: AwsError) => {
      const now = context.clock.now();
      record(options.recordMetric, { endpoint, variant, now, modelMs, overheadMs: asked - began, failure });
    };
    try {
      const { body, headers, container } = invocation;
      const answer = await routed.server.invoke(body, headers, timeoutMs, container);
      const modelMs = performance.now() - asked;
      if (answer.status < 200 || answer.status > 299) throw badAnswer(context.identity, endpoint, answer);
      captureAnswer(invocation, routed, answer);
      measure(modelMs);
      reply(request, variant, answer);
    } catch (error) {
      const failure = error instanceof NoAnswer ? noAnswer(context.identity, endpoint, error) : error;
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
