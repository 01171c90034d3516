/** What users see of a cloud that delivers every event once: one cloud for all, since most of its time is its start. */
import { describeBadInput } from './bad-input.ts';
import { describeDeicing } from './deicing.ts';
import { describeLoop } from './loop.ts';
import { deadLetters } from './support/dead-letters.ts';
import { startTestCloud, type TestCloud } from './support/test-cloud.ts';

describe('Ratchet on one machine', () => {
  let cloud: TestCloud;

  // The first start packages the services.
  beforeAll(async () => {
    cloud = await startTestCloud();
  }, 120_000);

  afterAll(() => cloud?.close());

  describeBadInput(() => cloud);
  describeLoop(() => cloud);
  describeDeicing(() => cloud);

  it('has left no event unhandled or undelivered', async () => {
    expect(await deadLetters(cloud)).toEqual({ 'failed-events': 0, 'undelivered-events': 0 });
  });
});
