import { EventEmitter } from 'node:events';
import { AwsError } from '../aws-error.ts';
import type { Clock, Identity } from '../ports.ts';
import { invalidValue } from './failure.ts';
import type { Message, NewMessage, Queue, SqsStore } from './store.ts';

/** The numeric attributes of a standard queue: default, least, most (seconds, bytes).
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html */
const NUMBERS: Readonly<Record<string, readonly [number, number, number]>> = {
  VisibilityTimeout: [30, 0, 43_200],
  DelaySeconds: [0, 0, 900],
  MessageRetentionPeriod: [345_600, 60, 1_209_600],
  MaximumMessageSize: [1_048_576, 1_024, 1_048_576],
  ReceiveMessageWaitTimeSeconds: [0, 0, 20],
};
/** Taken and given back, without effect on one machine. */
const TEXTS = new Set([
  'Policy',
  'SqsManagedSseEnabled',
  'KmsMasterKeyId',
  'KmsDataKeyReusePeriodSeconds',
  'RedriveAllowPolicy',
]);

const MAX_TIMER_MS = 3_600_000;

/** The queues, and what happens to their messages whoever asks: API, targets of rules or event-source mappings. */
export class Queues {
  readonly #store: SqsStore;
  readonly #clock: Clock;
  readonly #identity: Identity;
  readonly #queues = new Map<string, Queue>();
  /** Emits a queue's name when a message may have become visible. */
  readonly #arrivals = new EventEmitter().setMaxListeners(0);

  constructor(store: SqsStore, clock: Clock, identity: Identity) {
    this.#store = store;
    this.#clock = clock;
    this.#identity = identity;
    for (const queue of store.queues()) this.#queues.set(queue.name, queue);
  }

  arn(name: string): string {
    return `arn:aws:sqs:${this.#identity.region}:${this.#identity.account}:${name}`;
  }

  list(): Queue[] {
    return [...this.#queues.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Throws QueueDoesNotExist. */
  get(name: string): Queue {
    const queue = this.#queues.get(name);
    if (!queue) throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
    return queue;
  }

  find(name: string): Queue | undefined {
    return this.#queues.get(name);
  }

  /** Creates a queue or gives it new attributes. Throws InvalidParameterValue, InvalidAttributeName or
   * InvalidAttributeValue. */
  put(name: string, attributes: Readonly<Record<string, string>>): void {
    if (name.endsWith('.fifo') || 'FifoQueue' in attributes) {
      throw invalidValue(name, 'QueueName', 'The embedded cloud offers standard queues only, not FIFO.');
    }
    if (!/^[\w-]{1,80}$/.test(name)) {
      throw invalidValue(
        name,
        'QueueName',
        'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
      );
    }
    for (const [attribute, value] of Object.entries(attributes)) checkAttribute(attribute, value);
    const createdAt = this.#queues.get(name)?.createdAt ?? this.#clock.now();
    const queue = { name, attributes, createdAt };
    this.#store.putQueue(queue);
    this.#queues.set(name, queue);
    this.announce(name);
  }

  remove(name: string): void {
    this.#store.deleteQueue(this.get(name).name);
    this.#queues.delete(name);
  }

  send(message: Omit<NewMessage, 'sentAt' | 'visibleAt'>, delaySeconds?: number): string {
    const queue = this.get(message.queue);
    const sentAt = this.#clock.now();
    const delay = delaySeconds ?? number(queue, 'DelaySeconds');
    const id = this.#store.add({ ...message, sentAt, visibleAt: sentAt + delay * 1000 });
    this.announce(queue.name);
    return id;
  }

  /** Leases visible messages for the time given, by default the queue's visibility timeout. Expired ones are
   * dropped, those received too often move to the dead-letter queue. `maxBytes` bounds what follows the first. */
  receive(
    name: string,
    take: { max: number; seconds?: number; mapping?: boolean; maxBytes?: number },
  ): Message[] {
    const queue = this.get(name);
    const { max, mapping = false, maxBytes = Number.POSITIVE_INFINITY } = take;
    const now = this.#clock.now();
    const until = now + (take.seconds ?? number(queue, 'VisibilityTimeout')) * 1000;
    const received: Message[] = [];
    let bytes = 0;
    for (const message of this.#store.visible(name, now, max)) {
      if (this.#retire(queue, message, now)) continue;
      bytes += message.body.length;
      if (received.length > 0 && bytes > maxBytes) break;
      received.push(this.#store.lease(message.seq, { until, mapping, now }));
    }
    return received;
  }

  /** Drops a message beyond its retention, moves one that was received `maxReceiveCount` times. */
  #retire(queue: Queue, { seq, sentAt, receiveCount }: Message, now: number): boolean {
    if (sentAt < now - number(queue, 'MessageRetentionPeriod') * 1000) {
      this.#store.remove(seq);
      return true;
    }
    const policy = parseRedrive(queue.attributes.RedrivePolicy ?? '');
    if (!policy || receiveCount < policy.max || !this.#queues.has(policy.target)) return false;
    this.#store.move(seq, { queue: policy.target, source: this.arn(queue.name), now });
    this.announce(policy.target);
    return true;
  }

  /** Tells those who wait for a queue to look again. */
  announce(name: string): void {
    this.#arrivals.emit(`queue ${name}`);
  }

  /** Resolves when a queue may have a visible message, at `deadline` (epoch milliseconds) or on abort. */
  async arrival(name: string, deadline: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const now = this.#clock.now();
    const next = this.#store.nextVisible(name) ?? Number.POSITIVE_INFINITY;
    const wait = Math.min(deadline - now, next - now, MAX_TIMER_MS);
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = (): void => resolve();
    const timer = setTimeout(wake, Math.max(0, wait));
    this.#arrivals.once(`queue ${name}`, wake);
    signal.addEventListener('abort', wake);
    await promise;
    clearTimeout(timer);
    this.#arrivals.off(`queue ${name}`, wake);
    signal.removeEventListener('abort', wake);
  }

  /** Deletes a received message, unless it has been received again since. */
  delete({ seq, receiveCount, queue }: Receipt): void {
    if (this.#store.find(seq, receiveCount, queue)) this.#store.remove(seq);
  }

  /** Makes a received message visible at `at` (epoch milliseconds); false unless it is still in flight. */
  hide({ seq, receiveCount, queue }: Receipt, at: number): boolean {
    const message = this.#store.find(seq, receiveCount, queue);
    if (!message || message.visibleAt <= this.#clock.now()) return false;
    this.#store.hide(seq, at);
    this.announce(queue);
    return true;
  }

  purge(name: string): void {
    this.#store.purge(this.get(name).name);
  }

  counts(name: string): { visible: number; inFlight: number; delayed: number } {
    return this.#store.counts(name, this.#clock.now());
  }
}

/** What names one receipt of one message. */
export type Receipt = Pick<Message, 'seq' | 'receiveCount' | 'queue'>;

/** A queue's number: what was set, else AWS's default. */
export function number(queue: Queue, attribute: string): number {
  return Number(queue.attributes[attribute] ?? NUMBERS[attribute]?.[0]);
}

/** All attributes that were set or have a default. */
export function settingsOf(queue: Queue): Record<string, string> {
  const defaults = Object.entries(NUMBERS).map(([name, [value]]) => [name, String(value)]);
  return { ...Object.fromEntries(defaults), SqsManagedSseEnabled: 'true', ...queue.attributes };
}

function checkAttribute(name: string, value: unknown): void {
  const bounds = Object.hasOwn(NUMBERS, name) ? NUMBERS[name] : undefined;
  const invalid = new AwsError('InvalidAttributeValue', `Invalid value for the parameter ${name}.`);
  if (typeof value !== 'string') throw invalid;
  if (bounds) {
    if (!/^\d+$/.test(value) || Number(value) < bounds[1] || Number(value) > bounds[2]) throw invalid;
  } else if (name === 'RedrivePolicy') {
    if (value !== '' && !parseRedrive(value)) throw invalid;
  } else if (!TEXTS.has(name)) {
    throw new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
  }
}

function parseRedrive(json: string): { target: string; max: number } | undefined {
  try {
    const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(json) as Record<string, unknown>;
    const target = String(deadLetterTargetArn).split(':').at(-1) ?? '';
    const max = Number(maxReceiveCount);
    return target !== '' && Number.isInteger(max) && max >= 1 && max <= 1000 ? { target, max } : undefined;
  } catch {
    return undefined;
  }
}
