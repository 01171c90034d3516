import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../context.ts';
import { mustFindModel } from '../models.ts';
import { under } from '../objects.ts';
import { NoAnswer, Unhealthy } from '../process/container.ts';
import type { JobSignals } from '../process/jobs.ts';
import { createModelServer, type ModelServer } from '../process/model-server.ts';
import { InputMissing, type InputObject, inputObjects } from '../training/inputs.ts';
import { withParameters } from './execution-parameters.ts';
import { inOrder } from './in-order.ts';
import {
  isTerminal,
  moved,
  type TransformJob,
  type TransformRequest,
  type TransformStatus,
  transformEvent,
} from './job.ts';
import { PayloadTooLarge, payloads } from './payloads.ts';

const STARTUP_MS = 240_000;
const MIN_STARTUP_MS = 10_000;
const STOP_GRACE_MS = 2000;
const DEFAULT_TIMEOUT_S = 600;

/** Ends a job as Failed; the message is its FailureReason. */
class JobFailure extends Error {}

/** Takes a transform job from its start to its end. Leaves the record as it is when the cloud closes. */
export async function runTransform(context: Context, name: string, signals: JobSignals): Promise<void> {
  const folder = join(context.dir, 'transforms', name);
  const ending = AbortSignal.any([signals.stop, signals.closing]);
  const job = () => context.store.get<TransformJob>('transform-job', name)!;

  function save(next: TransformJob): void {
    const tags = context.store.tags(next.arn);
    context.save('transform-job', next, transformEvent(next, tags, context.clock.now()));
  }
  const end = (status: TransformStatus, failure?: string) =>
    save(moved(job(), status, context.clock.now(), failure));

  async function work(): Promise<void> {
    const release = await context.slots.take(ending);
    const server = modelServer(context, job(), folder);
    const stop = () => void server.stop(STOP_GRACE_MS);
    ending.addEventListener('abort', stop, { once: true });
    try {
      await rm(folder, { recursive: true, force: true });
      save({ ...job(), TransformStartTime: context.clock.now() });
      const inputs = await inputObjects(
        context.objects,
        job().request.TransformInput.DataSource.S3DataSource,
      );
      await server.start(Math.max(MIN_STARTUP_MS, STARTUP_MS / context.clock.scale));
      const request = withParameters(job().request, await server.executionParameters());
      for (const input of inputs) await transformObject(context, request, server, input, folder, ending);
    } finally {
      ending.removeEventListener('abort', stop);
      await server.stop(STOP_GRACE_MS);
      release();
    }
  }

  try {
    await work();
    end('Completed');
  } catch (error) {
    if (signals.closing.aborted) return;
    if (signals.stop.aborted) end('Stopped');
    else end('Failed', failureReason(error));
  }
  if (isTerminal(job().TransformJobStatus)) await rm(folder, { recursive: true, force: true });
}

function modelServer(context: Context, job: TransformJob, folder: string): ModelServer {
  const { request } = job;
  const { containers } = mustFindModel(context, request.ModelName);
  return createModelServer(context, {
    containers,
    mode: 'Serial',
    dir: join(folder, 'model'),
    logFile: join(context.dir, 'logs/transform', `${job.name}.log`),
    env: {
      ...request.Environment,
      SAGEMAKER_BATCH: 'true',
      SAGEMAKER_BATCH_STRATEGY: request.BatchStrategy === 'SingleRecord' ? 'SINGLE_RECORD' : 'MULTI_RECORD',
      SAGEMAKER_MAX_PAYLOAD_IN_MB: String(request.MaxPayloadInMB ?? 6),
      SAGEMAKER_MAX_CONCURRENT_TRANSFORMS: String(request.MaxConcurrentTransforms ?? 1),
    },
  });
}

/** One input object, request by request, to one output object: `<key below the prefix>.out`. */
async function transformObject(
  context: Context,
  request: TransformRequest,
  server: ModelServer,
  input: InputObject,
  folder: string,
  ending: AbortSignal,
): Promise<void> {
  // Not the key itself, which may be longer than a file name can be.
  const local = join(folder, createHash('sha256').update(input.key).digest('hex'));
  await mkdir(folder, { recursive: true });
  await context.objects.download(input, `${local}.in`);
  const output = createWriteStream(`${local}.out`);
  const ask = (body: Buffer) => {
    ending.throwIfAborted();
    return invoke(server, request, body);
  };
  for await (const answer of inOrder(
    payloads(`${local}.in`, request),
    request.MaxConcurrentTransforms,
    ask,
  )) {
    if (!output.write(answer)) await once(output, 'drain');
    if (request.TransformOutput.AssembleWith === 'Line' && answer.at(-1) !== 0x0a) output.write('\n');
  }
  output.end();
  await once(output, 'close');
  await context.objects.upload(
    under(request.TransformOutput.S3OutputPath, `${input.path}.out`),
    `${local}.out`,
  );
  await Promise.all([rm(`${local}.in`), rm(`${local}.out`)]);
}

async function invoke(server: ModelServer, request: TransformRequest, body: Buffer): Promise<Buffer> {
  const { TransformInput, TransformOutput, ModelClientConfig } = request;
  const headers = {
    'content-type': TransformInput.ContentType ?? 'application/octet-stream',
    ...(TransformOutput.Accept ? { accept: TransformOutput.Accept } : {}),
  };
  const timeoutMs = (ModelClientConfig?.InvocationsTimeoutInSeconds ?? DEFAULT_TIMEOUT_S) * 1000;
  for (let left = ModelClientConfig?.InvocationsMaxRetries ?? 0; ; left -= 1) {
    const answer = await server.invoke(body, headers, timeoutMs).catch(nothingFor);
    if (answer && answer.status >= 200 && answer.status < 300) return answer.body;
    if (answer && answer.status < 500) throw new JobFailure('ClientError: See job logs for more information');
    if (left <= 0) throw new JobFailure('AlgorithmError: See job logs for more information');
  }
}

/** No answer is tried again like a bad one. */
function nothingFor(error: unknown): undefined {
  if (!(error instanceof NoAnswer)) throw error;
}

function failureReason(error: unknown): string {
  const { name, message } = error as Error;
  if (error instanceof JobFailure || error instanceof PayloadTooLarge) return message;
  if (error instanceof InputMissing) return `ClientError: ${message}`;
  if (error instanceof Unhealthy)
    return `AlgorithmError: The ${message} container did not pass the ping health check.`;
  return `InternalServerError: ${name}: ${message}`;
}
