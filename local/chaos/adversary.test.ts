import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { createEventBridge } from '../eventbridge/service.ts';
import { createFrontDoor, type Services } from '../front-door.ts';
import { createAdversary, FAULTS_FILE } from './adversary.ts';
import { FAULTS } from './decisions.ts';

const OCCASIONS = 400;
const SCALE = 20;
const handover = { bus: 'b', rule: 'r', target: 't', source: 's', detailType: 'd' };
const times = <T>(ask: () => T): T[] => Array.from({ length: OCCASIONS }, ask);

describe('an adversary', () => {
  let dir: string;
  const counts = () => JSON.parse(readFileSync(join(dir, FAULTS_FILE), 'utf8')) as Record<string, number>;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'ratchet-chaos-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  /** What it does on so many occasions of each kind. */
  function play(seed: number) {
    const adversary = createAdversary({ seed, dir, scale: SCALE });
    const { disturb, disturbInvocation, disturbSageMaker, refuseEntry } = adversary;
    const deeds = {
      deliveries: times(() => disturb(handover)),
      kills: times(() => disturbInvocation('f')),
      starts: times(() => disturbSageMaker.startJob?.('training-job', 'j', 'ml.m5.large')),
      interruptions: times(() => disturbSageMaker.spotInterruption?.('j')),
      rollbacks: times(() => disturbSageMaker.rollbackSilently?.('e')),
      doubled: times(() => disturbSageMaker.eventsTwice?.()),
      refused: times(() => refuseEntry('ratchet.ingest')),
    };
    adversary.close();
    return deeds;
  }

  it('does the same for the same seed, and something else for another', () => {
    expect(play(3)).toEqual(play(3));
    expect(play(3)).not.toEqual(play(4));
  });

  it('delays and doubles events within a minute of the cloud’s pace, and loses none', () => {
    const delays = play(1).deliveries.flat();
    expect(Math.max(...delays)).toBeLessThan(60_000 / SCALE);
    expect(Math.min(...play(1).deliveries.map(({ length }) => length))).toBe(1);
    expect(Math.max(...play(1).deliveries.map(({ length }) => length))).toBe(2);
  });

  it('keeps a file that tells how often each fault struck', () => {
    const { deliveries, kills, starts, refused } = play(1);
    expect(Object.keys(counts())).toEqual(Object.keys(FAULTS));
    expect(counts()).toMatchObject({
      'event delivered twice': deliveries.filter(({ length }) => length === 2).length,
      'handler killed half-way': kills.filter(Boolean).length,
      'no capacity for a job': starts.filter(Boolean).length,
      'event refused by PutEvents': refused.filter(Boolean).length,
      'call throttled': 0,
    });
    expect(new Set(starts)).toEqual(new Set([undefined, 'limit-exceeded', 'no-capacity']));
  });

  it('lets PutEvents fail in part, for a reason that passes; users’ entries are all taken', async () => {
    const adversary = createAdversary({ seed: 1, dir, scale: SCALE });
    const nothing = async () => undefined;
    const events = createEventBridge({
      dir: join(dir, 'eventbridge'),
      clock: { now: Date.now, scale: SCALE },
      identity: { account: '000000000000', region: 'us-east-1' },
      invokeAsync: nothing,
      sendToQueue: nothing,
      refuseEntry: adversary.refuseEntry,
    });
    const door = createFrontDoor();
    const endpoint = `http://127.0.0.1:${await door.listen(0)}`;
    door.serve({ events: events.handle } as unknown as Services);
    const credentials = { accessKeyId: 'a', secretAccessKey: 's' };
    const client = new EventBridgeClient({ endpoint, region: 'us-east-1', credentials });
    const put = async (Source: string) => {
      const Entries = Array.from({ length: 10 }, () => ({ Source, DetailType: 'd', Detail: '{}' }));
      const calls = Array.from({ length: 10 }, () => client.send(new PutEventsCommand({ Entries })));
      const answers = await Promise.all(calls);
      return answers.flatMap((answer) => answer.Entries ?? []).map(({ ErrorCode }) => ErrorCode);
    };
    const ours = await put('ratchet.training');
    expect(new Set(ours)).toEqual(new Set([undefined, 'ThrottlingException']));
    expect(new Set(await put('mine'))).toEqual(new Set([undefined]));
    client.destroy();
    await door.close();
    await events.close();
    adversary.close();
    expect(counts()['event refused by PutEvents']).toBe(ours.filter(Boolean).length);
  });
});
