import { AwsError } from '../aws-error.ts';
import { answerJson } from '../json-protocol.ts';
import type { AwsRequest, Clock, CloudService, Identity, Invoke, JsonAction, SendToQueue } from '../ports.ts';
import { queryCode } from './failure.ts';
import { type MappingDeclaration, runMapping } from './mapping.ts';
import { messageActions } from './message-actions.ts';
import { checkMessage } from './message-input.ts';
import { answerQuery } from './query-protocol.ts';
import { queueActions } from './queue-actions.ts';
import { Queues } from './queues.ts';
import { openStore } from './store.ts';

export interface SqsOptions {
  /** Folder of the state; created when missing. */
  readonly dir: string;
  readonly clock: Clock;
  readonly identity: Identity;
  readonly invoke: Invoke;
  /** Base of the queue URLs in answers, `http://127.0.0.1:4566`. */
  readonly endpoint: () => string;
}

/** A queue as a template declares it; AWS's defaults for what is absent. */
export interface QueueDeclaration {
  readonly name: string;
  readonly visibilityTimeoutSeconds?: number | undefined;
  readonly delaySeconds?: number | undefined;
  readonly retentionSeconds?: number | undefined;
  readonly redrive?: { readonly deadLetterQueueArn: string; readonly maxReceiveCount: number } | undefined;
}

export interface SqsService extends CloudService {
  /** The names of the API actions that it answers. */
  readonly actions: readonly string[];
  /** Creates a queue or gives it these attributes. */
  createQueue(queue: QueueDeclaration): void;
  /** Throws QueueDoesNotExist, InvalidMessageContents, InvalidParameterValue. */
  readonly sendToQueue: SendToQueue;
  addMapping(mapping: MappingDeclaration): void;
  /** Begins polling for the mappings. */
  start(): void;
  /** Ends polling, the mappings' and the callers'. Messages are still taken until `close`. */
  stop(): void;
}

/** SQS's standard queues on node:sqlite, by the JSON and the Query protocol, and Lambda's mappings from them. */
export function createSqs({ dir, clock, identity, invoke, endpoint }: SqsOptions): SqsService {
  const store = openStore(dir);
  const queues = new Queues(store, clock, identity);
  const stopping = new AbortController();
  const mappings: MappingDeclaration[] = [];
  const running: Promise<void>[] = [];
  const { account } = identity;
  let started = false;

  const run = (mapping: MappingDeclaration): void => {
    running.push(runMapping(mapping, { queues, clock, identity, invoke, signal: stopping.signal }));
  };
  const actionsFor = (signal: AbortSignal): Record<string, JsonAction> => ({
    ...queueActions({ queues, account, endpoint }),
    ...messageActions({ queues, clock, account, signal }),
  });

  return {
    actions: Object.keys(actionsFor(stopping.signal)),
    createQueue: ({ name, ...declared }) => queues.put(name, attributesOf(declared)),
    async sendToQueue(queueArn, body, texts = {}) {
      const queue = queues.get(queueArn.split(':').at(-1) ?? '');
      const attributes = Object.fromEntries(
        Object.entries(texts).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
      );
      checkMessage(queue, body, attributes);
      queues.send({ queue: queue.name, body, attributes });
    },
    addMapping(mapping) {
      mappings.push(mapping);
      if (started) run(mapping);
    },
    start() {
      started = true;
      for (const mapping of mappings) run(mapping);
    },
    stop: () => stopping.abort(),
    async handle(request) {
      const actions = actionsFor(AbortSignal.any([stopping.signal, gone(request)]));
      const json = request.req.headers['content-type']?.startsWith('application/x-amz-json');
      if (!json) return answerQuery(request, actions);
      await answerJson(request, { version: '1.0', actions: withQueryErrors(request, actions) });
    },
    async close() {
      stopping.abort();
      await Promise.all(running);
      store.close();
    },
  };
}

function attributesOf({
  visibilityTimeoutSeconds,
  delaySeconds,
  retentionSeconds,
  redrive,
}: Omit<QueueDeclaration, 'name'>) {
  const policy = redrive && {
    deadLetterTargetArn: redrive.deadLetterQueueArn,
    maxReceiveCount: redrive.maxReceiveCount,
  };
  const given: [string, string | undefined][] = [
    ['VisibilityTimeout', visibilityTimeoutSeconds?.toString()],
    ['DelaySeconds', delaySeconds?.toString()],
    ['MessageRetentionPeriod', retentionSeconds?.toString()],
    ['RedrivePolicy', policy && JSON.stringify(policy)],
  ];
  return Object.fromEntries(given.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** Aborts when the caller hangs up, so that a long poll does not take messages for nobody. */
function gone({ res }: AwsRequest): AbortSignal {
  const controller = new AbortController();
  res.once('close', () => controller.abort());
  return controller.signal;
}

/** SDKs read the Query protocol's error code from this header.
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#aws-protocols-awsquerycompatible-trait */
function withQueryErrors(
  { res }: AwsRequest,
  actions: Record<string, JsonAction>,
): Record<string, JsonAction> {
  const wrap =
    (action: JsonAction): JsonAction =>
    async (input) => {
      try {
        return await action(input);
      } catch (error) {
        if (error instanceof AwsError) res.setHeader('x-amzn-query-error', `${queryCode(error.code)};Sender`);
        throw error;
      }
    };
  return Object.fromEntries(Object.entries(actions).map(([name, action]) => [name, wrap(action)]));
}
