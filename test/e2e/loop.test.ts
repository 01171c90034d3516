import { GetObjectCommand } from '@aws-sdk/client-s3';
import { dirtyDigitsCsv, digitsCsv, digitsRows } from '../../examples/digits/data.ts';
import { endpointName } from '../../shared/contracts/names.ts';
import { type BusListener, listen } from './support/bus-listener.ts';
import { type LiveRequests, startLiveRequests } from './support/live-requests.ts';
import { digits } from './support/specifications.ts';
import { createStory, type Story } from './support/story.ts';
import { STAGE, startTestCloud, type TestCloud } from './support/test-cloud.ts';

const t0 = Date.now();
const lap = (what: string) => process.stderr.write(`${((Date.now() - t0) / 1000).toFixed(1)} ${what}\n`);

describe('the loop on one machine', () => {
  let cloud: TestCloud;
  let bus: BusListener;
  let story: Story;
  let live: LiveRequests | undefined;

  beforeAll(async () => {
    lap('start');
    cloud = await startTestCloud();
    lap('cloud');
    bus = await listen(cloud, 'loop');
    story = createStory(cloud.api, 'digits');
    await cloud.api.send('PUT', '/v1/pipelines/digits', JSON.stringify(digits()));
    lap('declared');
  }, 60_000);

  afterAll(async () => {
    await live?.stop();
    bus.close();
    await cloud.close();
    lap('closed');
  });

  it('a', async () => {
    const { csv } = dirtyDigitsCsv({ from: 0, count: 1200 });
    await cloud.drop('incoming/digits/first.csv', csv);
    const run = await story.reaches(1, 'promoted', 40);
    lap('promoted');
    await story.servesOnly(run.model as string, 20);
    lap('serves');
    process.stderr.write(await story.tell() + '\n');
    live = startLiveRequests(cloud, endpointName(STAGE, 'digits'), digitsRows({ from: 60000, count: 200 }).map((r) => r.csv));
    await cloud.drop('incoming/digits/second.csv', digitsCsv({ from: 2000, count: 600 }));
    const second = await story.reaches(2, 'promoted', 60);
    lap('promoted');
    await story.servesOnly(second.model as string, 20);
    lap('serves');
    process.stderr.write(await story.tell() + '\n');
    process.stderr.write(JSON.stringify([...live.answered]) + live.failures.length + '\n');
    await bus.hear('ModelPromoted.v1', (d) => d.runId === second.runId, 10);
    process.stderr.write(JSON.stringify(bus.of(second.runId)) +'\n');
  }, 120_000);
});
