import { Readable } from 'node:stream';
import { EventBridgeClient, type PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { LifecycleEvent } from '../contracts/events.ts';
import { capturingLog } from '../runtime/testing/captured-log.ts';
import type { Stored } from './item-store.ts';
import { createMemoryItemStore } from './memory-item-store.ts';
import { createPublisher } from './publisher.ts';

interface Entry {
  readonly Source: string;
  readonly DetailType: string;
  readonly Detail: string;
  readonly EventBusName: string;
}

/** Answers each entry of a call: an error code, or undefined for accepted. */
type Wire = (entry: Entry, call: number) => string | undefined;

/** A bus, and a client that speaks to it without the SDK's layers (which would cost seconds over all subsets). */
function createBus(wire: Wire) {
  const calls: Entry[][] = [];
  const accepted: Entry[] = [];
  function take(entries: Entry[]) {
    calls.push(entries);
    const Entries = entries.map((entry) => {
      const ErrorCode = wire(entry, calls.length);
      if (ErrorCode) return { ErrorCode, ErrorMessage: 'refused' };
      accepted.push(entry);
      return { EventId: `event-${accepted.length}` };
    });
    return { Entries, FailedEntryCount: Entries.filter((answer) => 'ErrorCode' in answer).length };
  }
  const client = {
    send: async ({ input }: PutEventsCommand) => take(input.Entries as Entry[]),
  } as unknown as EventBridgeClient;
  return { client, calls, accepted, take };
}

/** The SDK's own client; only what lies below its protocol is ours. */
function sdkClient({ take }: ReturnType<typeof createBus>): EventBridgeClient {
  const handle = async ({ body }: { body: Uint8Array }) => {
    const { Entries } = JSON.parse(new TextDecoder().decode(body)) as { Entries: Entry[] };
    return {
      response: { statusCode: 200, headers: {}, body: Readable.from([JSON.stringify(take(Entries))]) },
    };
  };
  return new EventBridgeClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: { handle } as never,
  });
}

const key = { pk: 'PIPELINE#wine', sk: 'RUN#wine-aaaaaaaaaa' };
const event = (n: number): LifecycleEvent => ({
  name: 'RetrainingSuppressed.v1',
  detail: { pipeline: 'wine', runId: 'wine-aaaaaaaaaa', version: 1, reason: `event ${n}` },
});

async function publishing(
  count: number,
  wire: Wire,
  events = Array.from({ length: count }, (_, n) => event(n)),
) {
  const bus = createBus(wire);
  const store = createMemoryItemStore({ owner: 'training', now: () => 0 });
  const stored = (await store.create(key, { state: {}, events })) as Stored<unknown>;
  const problem = await createPublisher({ client: bus.client, busName: 'ratchet-test', store })(stored).catch(
    (error: Error) => error.message,
  );
  const left = (await store.load(key)) as Stored<unknown>;
  return { ...bus, problem, left: Object.values(left.pending).map(reasonOf), version: left.version };
}

const reasonOf = ({ detail }: LifecycleEvent): string => ('reason' in detail ? detail.reason : '');
const reasonIn = ({ Detail }: Entry): string => JSON.parse(Detail).reason;
const isIn = (subset: number, entry: Entry): boolean =>
  ((subset >> Number(reasonIn(entry).split(' ')[1])) & 1) === 1;

describe('the publisher', () => {
  it('sends an event as its contract says, to the bus, through the SDK', async () => {
    const bus = createBus((_, call) => (call === 1 ? 'InternalFailure' : undefined));
    const store = createMemoryItemStore({ owner: 'training', now: () => 0 });
    const stored = (await store.create(key, { state: {}, events: [event(0)] })) as Stored<unknown>;
    await createPublisher({ client: sdkClient(bus), busName: 'ratchet-test', store })(stored);
    expect(bus.accepted).toEqual([
      {
        EventBusName: 'ratchet-test',
        Source: 'ratchet.monitoring',
        DetailType: 'RetrainingSuppressed.v1',
        Detail: JSON.stringify(event(0).detail),
        Resources: [],
      },
    ]);
    expect((await store.load(key))?.pending).toEqual({});
  });

  it('names the service that ended a run', async () => {
    const failed: LifecycleEvent = {
      name: 'RunFailed.v1',
      service: 'deployment',
      detail: { pipeline: 'wine', runId: 'wine-aaaaaaaaaa', version: 9, reason: 'r', stage: 's' },
    };
    const { accepted } = await publishing(1, () => undefined, [failed]);
    expect(accepted[0]?.Source).toBe('ratchet.deployment');
  });

  it('resends exactly what failed for a passing reason, for every subset of ten entries', async () => {
    for (let subset = 0; subset < 1 << 10; subset += 1) {
      const { calls, accepted, left } = await publishing(10, (entry, call) =>
        call === 1 && isIn(subset, entry) ? 'ThrottlingException' : undefined,
      );
      const resent = calls.slice(1).flat();
      expect(resent.every((entry) => isIn(subset, entry))).toBe(true);
      expect([calls.length, accepted.length, left]).toEqual([subset === 0 ? 1 : 2, 10, []]);
    }
  });

  it('leaves pending what is refused for good, asks for it once, and says so', async () => {
    for (const subset of [1, 0b1000000001, 0b1010101010, 0b1111111111]) {
      const { answer, lines } = await capturingLog(() =>
        publishing(10, (entry) => (isIn(subset, entry) ? 'MalformedDetail' : undefined)),
      );
      const { calls, left, version, problem } = answer;
      expect(lines).toHaveLength(left.length);
      expect(lines[0]).toContain('MalformedDetail');
      expect(problem).toBeUndefined();
      expect(calls).toHaveLength(1);
      expect(left).toHaveLength(subset.toString(2).replaceAll('0', '').length);
      expect(version).toBe(1);
    }
  });

  it('throws after three rounds of passing failures, and leaves those events pending', async () => {
    const { calls, left, problem } = await publishing(3, (entry) =>
      reasonIn(entry) === 'event 1' ? 'InternalFailure' : undefined,
    );
    expect(calls.map((entries) => entries.length)).toEqual([3, 1, 1]);
    expect(left).toEqual(['event 1']);
    expect(problem).toBe('EventBridge did not take 1 of 3 events; they stay pending');
  });

  it('sends ten at a time', async () => {
    const { calls, left } = await publishing(23, () => undefined);
    expect(calls.map((entries) => entries.length)).toEqual([10, 10, 3]);
    expect(left).toEqual([]);
  });
});
