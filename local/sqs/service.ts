import type { AwsRequest, Clock, CloudService, Identity, Invoke, SendToQueue } from '../ports.ts';
import { type MappingDeclaration, runMapping } from './mapping.ts';
import { checkMessage } from './message.ts';
import { messageActions } from './message-actions.ts';
import { type Actions, answer } from './protocols.ts';
import { number } from './queue.ts';
import { queueActions, queueByUrl } from './queue-actions.ts';
import { Queues } from './queues.ts';

export interface SqsOptions {
  /** Folder of the state; created when missing. */
  readonly dir: string;
  readonly clock: Clock;
  readonly identity: Identity;
  readonly invoke: Invoke;
  /** Base of the queue URLs in answers, `http://127.0.0.1:4566`. */
  readonly endpoint: () => string;
}

/** A queue as a template declares it. */
export interface QueueDeclaration {
  readonly name: string;
  /** As CreateQueue takes them; AWS's defaults for what is absent. */
  readonly attributes: Readonly<Record<string, string | number | undefined>>;
}

export interface SqsService extends CloudService {
  /** The names of the API actions that it answers. */
  readonly actions: readonly string[];
  /** Creates a queue or gives it these attributes. */
  createQueue(queue: QueueDeclaration): void;
  /** Throws QueueDoesNotExist, InvalidMessageContents, InvalidParameterValue. */
  readonly sendToQueue: SendToQueue;
  /** Before `start`. */
  addMapping(mapping: MappingDeclaration): void;
  /** Begins polling for the mappings. */
  start(): void;
  /** Ends polling, the mappings' and the callers'. Messages are still taken until `close`. */
  stop(): void;
}

/** SQS's standard queues on node:sqlite, by the JSON and the Query protocol, and Lambda's mappings from them. */
export function createSqs({ dir, clock, identity, invoke, endpoint }: SqsOptions): SqsService {
  const queues = new Queues(dir, clock, identity);
  const stopping = new AbortController();
  const mappings: MappingDeclaration[] = [];
  const running: Promise<void>[] = [];
  const { account } = identity;
  const queueOf = queueByUrl(queues, account);

  const actionsFor = (signal: AbortSignal): Actions => ({
    ...queueActions(queues, queueOf, (name) => `${endpoint()}/${account}/${name}`),
    ...messageActions({ queues, queueOf, clock, account, signal }),
  });

  return {
    actions: Object.keys(actionsFor(stopping.signal)),
    createQueue({ name, attributes }) {
      const set = Object.entries(attributes).filter(([, value]) => value !== undefined);
      queues.put(name, Object.fromEntries(set.map(([attribute, value]) => [attribute, String(value)])));
    },
    async sendToQueue(queueArn, body, texts = {}) {
      const queue = queues.get(queueArn.split(':').at(-1) ?? '');
      const attributes = Object.fromEntries(
        Object.entries(texts).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
      );
      checkMessage(body, attributes, number(queue, 'MaximumMessageSize'));
      queues.send(queue, body, attributes);
    },
    addMapping: (mapping) => void mappings.push(mapping),
    start() {
      const options = { queues, clock, identity, invoke, signal: stopping.signal };
      for (const mapping of mappings) running.push(runMapping(mapping, options));
    },
    stop: () => stopping.abort(),
    handle: (request) => answer(request, actionsFor(AbortSignal.any([stopping.signal, gone(request)]))),
    async close() {
      stopping.abort();
      await Promise.all(running);
      queues.close();
    },
  };
}

/** Aborts when the caller hangs up, so that a long poll does not take messages for nobody. */
function gone({ res }: AwsRequest): AbortSignal {
  const controller = new AbortController();
  res.once('close', () => controller.abort());
  return controller.signal;
}
