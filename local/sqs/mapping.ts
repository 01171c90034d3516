import type { Clock, Identity, Invoke, InvokeResult } from '../ports.ts';
import { type Message, md5, systemAttributes } from './message.ts';
import type { Queues } from './queues.ts';
import { receiptHandle } from './receipt.ts';

/** An event-source mapping from a queue to a function. */
export interface MappingDeclaration {
  readonly queueArn: string;
  readonly functionName: string;
  readonly batchSize: number;
  /** How long a batch waits to fill; divided by the clock's scale. */
  readonly batchingWindowSeconds: number;
  readonly maximumConcurrency?: number | undefined;
  readonly reportBatchItemFailures: boolean;
}

export interface MappingOptions {
  readonly queues: Queues;
  readonly clock: Clock;
  readonly identity: Identity;
  readonly invoke: Invoke;
  readonly signal: AbortSignal;
}

/** AWS begins with five batches at a time. */
const DEFAULT_CONCURRENCY = 5;
/** With a last message of 1 MiB, and its JSON, below Lambda's 6 MB. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;

/** Runs a mapping until the signal aborts; invocations still running then are left to their messages' leases. */
export async function runMapping(mapping: MappingDeclaration, options: MappingOptions): Promise<void> {
  const { signal } = options;
  const running = new Set<Promise<void>>();
  const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  while (!signal.aborted) {
    if (running.size >= (mapping.maximumConcurrency ?? DEFAULT_CONCURRENCY)) {
      await Promise.race([aborted, ...running]);
      continue;
    }
    const batch = await collect(mapping, options);
    if (signal.aborted) return;
    const invocation: Promise<void> = handOver(batch, mapping, options)
      .catch((error: unknown) => console.error(error))
      .finally(() => running.delete(invocation));
    running.add(invocation);
  }
}

/** Waits for messages, and then for more of them as the batching window allows; gives what it has on abort. */
async function collect(
  { queueArn, batchSize, batchingWindowSeconds }: MappingDeclaration,
  { queues, clock, signal }: MappingOptions,
): Promise<Message[]> {
  const name = queueArn.split(':').at(-1) ?? '';
  const batch: Message[] = [];
  let bytes = 0;
  let deadline = Number.POSITIVE_INFINITY;
  while (!signal.aborted) {
    const queue = queues.find(name);
    const take = { max: batchSize - batch.length, mapping: true, maxBytes: MAX_BATCH_BYTES - bytes };
    const received = queue ? queues.receive(queue, take) : [];
    batch.push(...received);
    bytes += received.reduce((sum, { body }) => sum + body.length, 0);
    const now = clock.now();
    if (received.length > 0)
      deadline = Math.min(deadline, now + (batchingWindowSeconds * 1000) / clock.scale);
    if (now >= deadline || batch.length >= batchSize || bytes >= MAX_BATCH_BYTES) break;
    await queues.arrival(name, deadline, signal);
  }
  return batch;
}

async function handOver(
  batch: readonly Message[],
  mapping: MappingDeclaration,
  options: MappingOptions,
): Promise<void> {
  const { queues, clock, signal } = options;
  const failed = await failures(batch, mapping, options);
  // After close the store is gone; the next start gives these messages back.
  if (signal.aborted) return;
  const now = clock.now();
  for (const message of batch) {
    // AWS waits for the rest of the visibility timeout.
    if (failed.has(message.id))
      queues.hide(message, now + Math.max(1, message.visibleAt - now) / clock.scale);
    else queues.delete(message);
  }
}

async function failures(
  batch: readonly Message[],
  mapping: MappingDeclaration,
  { identity, invoke }: MappingOptions,
): Promise<Set<string>> {
  const ids = new Set(batch.map(({ id }) => id));
  try {
    const Records = batch.map((message) => toRecord(message, mapping.queueArn, identity));
    const result = await invoke(mapping.functionName, JSON.stringify({ Records }));
    if (result.functionError !== undefined) return ids;
    return mapping.reportBatchItemFailures ? reportedFailures(result, ids) : new Set();
  } catch {
    return ids;
  }
}

/** A partial-batch response's failed ids: none when it is empty, all when it is malformed.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html */
function reportedFailures({ payload }: InvokeResult, all: Set<string>): Set<string> {
  const response =
    payload.trim() === '' ? null : (JSON.parse(payload) as { batchItemFailures?: unknown } | null);
  const items = response?.batchItemFailures ?? [];
  if (!Array.isArray(items)) return all;
  const failed = new Set(items.map((item: { itemIdentifier?: string } | null) => item?.itemIdentifier ?? ''));
  return [...failed].every((id) => all.has(id)) ? failed : all;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
function toRecord(message: Message, queueArn: string, { account, region }: Identity) {
  const attributes = Object.entries(message.attributes).map(([name, attribute]) => [
    name,
    {
      stringValue: attribute.StringValue,
      binaryValue: attribute.BinaryValue,
      stringListValues: [],
      binaryListValues: [],
      dataType: attribute.DataType,
    },
  ]);
  return {
    messageId: message.id,
    receiptHandle: receiptHandle(message),
    body: message.body,
    attributes: systemAttributes(message, account),
    messageAttributes: Object.fromEntries(attributes),
    md5OfBody: md5(message.body),
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: region,
  };
}
