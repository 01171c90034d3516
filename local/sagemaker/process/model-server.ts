import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AwsError } from '../../aws-error.ts';
import { unpackInto } from '../archive.ts';
import type { Context } from '../context.ts';
import { parseS3Uri } from '../objects.ts';
import { type Container, type ContainerAnswer, createContainer } from './container.ts';

/** A container of a model, as CreateModel takes it. */
export interface ContainerDefinition {
  readonly Image: string;
  readonly ModelDataUrl?: string;
  readonly Environment?: Readonly<Record<string, string>>;
  readonly ContainerHostname?: string;
}

/** How a request passes the containers of a model: one after another, or to the one that it names. */
export type ExecutionMode = 'Serial' | 'Direct';

export interface ModelServerOptions {
  readonly containers: readonly ContainerDefinition[];
  readonly mode: ExecutionMode;
  /** Gets one base folder a container: `0/model/`, `1/model/` …; what is there already is used again. */
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
}

/** The containers of one model, one after another: each gets the answer of the one before it. */
export interface ModelServer {
  /** Downloads, unpacks and starts all containers. Rejects with Unhealthy, naming the container. */
  start(timeoutMs: number): Promise<void>;
  /**
   * The last container's answer, or the first that is not 2xx, with the name of the container; all within
   * `timeoutMs`. Of containers that are invoked directly only `target` is asked. Throws ValidationError for a target
   * that is missing, not there, or not wanted.
   */
  invoke(
    body: Buffer,
    headers: Readonly<Record<string, string>>,
    timeoutMs: number,
    target?: string,
  ): Promise<Invoked>;
  /** The first container's, see Container. */
  executionParameters(): Promise<string | undefined>;
  stop(graceMs: number): Promise<void>;
}

export type Invoked = ContainerAnswer & { readonly container: string };

export function createModelServer(context: Context, options: ModelServerOptions): ModelServer {
  const containers: Container[] = [];
  let stopped = false;
  let inFlight = 0;
  const idle = Promise.withResolvers<void>();

  function build(definition: ContainerDefinition, index: number): Container {
    const program = context.resolveImage(definition.Image);
    if (!program) throw new Error(`Requested image ${definition.Image} not found.`);
    const single = options.containers.length === 1;
    return createContainer({
      name: definition.ContainerHostname ?? (single ? 'primary' : `container-${index + 1}`),
      program,
      baseDir: join(options.dir, String(index)),
      env: { AWS_REGION: context.identity.region, ...definition.Environment, ...options.env },
      logFile: options.logFile,
    });
  }

  return {
    start: async (timeoutMs) => {
      await allDone(
        options.containers.map((definition, index) =>
          placeModel(context, definition.ModelDataUrl, join(options.dir, String(index))),
        ),
      );
      if (stopped) return;
      containers.push(...options.containers.map(build));
      await allDone(containers.map((container) => container.start(timeoutMs)));
    },
    invoke: async (body, headers, timeoutMs, target) => {
      const asked = addressed(target);
      inFlight += 1;
      try {
        return await chain(asked, body, headers, timeoutMs);
      } finally {
        inFlight -= 1;
        if (stopped && inFlight === 0) idle.resolve();
      }
    },
    executionParameters: async () => containers[0]?.executionParameters(),
    stop: async (graceMs) => {
      stopped = true;
      // Requests under way are answered first, as a load balancer drains what it takes out.
      if (inFlight > 0) await Promise.race([idle.promise, sleep(graceMs, undefined, { ref: false })]);
      await Promise.all(containers.map((container) => container.stop(graceMs)));
    },
  };

  function addressed(target: string | undefined): readonly Container[] {
    if (options.mode !== 'Direct') {
      if (target === undefined) return containers;
      throw new AwsError(
        'ValidationError',
        'TargetContainerHostname is only for an endpoint of InferenceExecutionMode Direct.',
      );
    }
    if (target === undefined)
      throw new AwsError(
        'ValidationError',
        'An endpoint of InferenceExecutionMode Direct needs a TargetContainerHostname.',
      );
    const named = containers.filter((container) => container.name === target);
    if (named.length === 0) throw new AwsError('ValidationError', `Container ${target} is not found.`);
    return named;
  }

  async function chain(
    asked: readonly Container[],
    body: Buffer,
    headers: Readonly<Record<string, string>>,
    timeoutMs: number,
  ): Promise<Invoked> {
    const deadline = performance.now() + timeoutMs;
    let passed = body;
    let sent = headers;
    let answer: Invoked | undefined;
    for (const container of asked) {
      const left = Math.max(1, deadline - performance.now());
      answer = { ...(await container.post(passed, sent, left)), container: container.name };
      if (answer.status >= 300) break;
      passed = answer.body;
      sent = { ...headers, 'content-type': answer.headers['content-type'] ?? 'application/octet-stream' };
    }
    if (!answer) throw new AwsError('ServiceUnavailable', 'The endpoint has no healthy instance.', 503);
    return answer;
  }
}

/** Rejects as Promise.all does, but only once all have ended: what is still at work would write into a folder that
 * whoever gives up removes. */
async function allDone(works: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(works);
  await Promise.all(works);
}

/** Unpacks model.tar.gz to `<baseDir>/model`, once: the folder appears under its name when it is complete. */
async function placeModel(context: Context, url: string | undefined, baseDir: string): Promise<void> {
  const model = join(baseDir, 'model');
  if (existsSync(model)) return;
  const unpacked = join(baseDir, `model-${randomUUID()}.tmp`);
  await mkdir(unpacked, { recursive: true });
  if (url) {
    const archive = `${unpacked}.tar.gz`;
    await context.objects.download(parseS3Uri(url), archive);
    await unpackInto(archive, unpacked);
    await rm(archive);
  }
  await rename(unpacked, model);
}
