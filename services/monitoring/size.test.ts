/** The item stays within 64 KB, whatever happens at once. */
import { marshall } from '@aws-sdk/util-dynamodb';
import { modelName } from '../../shared/contracts/names.ts';
import { admitDrop } from './labels.ts';
import { emptyMonitor, type Monitor } from './monitor.ts';
import { withPart } from './retraining.ts';
import { remember } from './seen.ts';
import { admit, MOST_OBJECTS, noWindows, WindowStillClosing, type Windows } from './window.ts';

const pipeline = 'a-pipeline-with-a-long-name1';
const models = ['aaaaaaaaaa', 'bbbbbbbbbb'].map((hash) => modelName('production', `${pipeline}-${hash}`));
const uuid = '7f0b0e04-1111-4222-8333-444455556666';

/** Captures of one inference each until no more are taken. */
function fill(windows: Windows, model: string): Windows {
  let filled = windows;
  for (let i = 0; i < 10_000; i += 1) {
    const place = `2026/11/23/${10 + (i % 12)}/41-12-${1_000 + i}-${uuid}.jsonl`;
    try {
      filled = admit(filled, { object: { pipeline, model, place }, inferences: 1 }, 10_000, 0);
    } catch (error) {
      if (error instanceof WindowStillClosing) return filled;
      throw error;
    }
  }
  throw new Error('a window behind one that is closing has no end');
}

describe('the size of the item', () => {
  it('given full windows of two models, full memories and as much ground truth as may wait, then it is below 64 KB', () => {
    let state: Monitor = { ...emptyMonitor(pipeline), windows: models.reduce(fill, noWindows) };
    const turn = {
      pipeline,
      now: 1_795_000_000_000,
      version: 1,
      artifactsBucket: 'ratchet-production-artifacts-123456789012-us-east-1',
    };
    for (let i = 0; i < 50; i += 1) {
      const done = i < 10;
      const report = `s3://${turn.artifactsBucket}/reports/${pipeline}/ground-truth/${'x'.repeat(20)}/${'y'.repeat(16)}.json`;
      const drop = {
        id: `${i}`.padStart(20, '0'),
        object: 'k'.repeat(1_024),
        labels: done ? 0 : 200_000,
        malformed: 99_999,
        report,
      };
      state = admitDrop(state, drop, turn)?.state ?? state;
    }
    for (let i = 0; i < 700; i += 1)
      state = { ...state, seenGroundTruth: remember(state.seenGroundTruth, `${i}`) };
    for (let i = 0; i < 80; i += 1) {
      state = {
        ...state,
        labelled: withPart(state.labelled, 'h', { name: `${i}`.padStart(26, '0'), rows: 99_999 }, 'new'),
      };
    }
    expect(Object.values(state.windows.closing).map(({ objects }) => objects)).toEqual([
      MOST_OBJECTS,
      MOST_OBJECTS,
    ]);
    expect(state.groundTruth).toHaveLength(50);
    expect(JSON.stringify(marshall(state)).length).toBeGreaterThan(JSON.stringify(state).length);
    expect(Buffer.byteLength(JSON.stringify(state))).toBeLessThan(64 * 1024);
  });
});
