/** Debian's AWS CLI (package awscli) against the embedded cloud, as a user works with it. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digitsCsv } from '../../examples/digits/data.ts';
import { digits } from '../e2e/support/specifications.ts';
import { createStory } from '../e2e/support/story.ts';
import { startTestCloud, type TestCloud } from '../e2e/support/test-cloud.ts';
import { describeWith } from '../support/outside-client.ts';
import { AWS_CLI, type AwsCli, createAwsCli } from './support/aws-cli.ts';

describeWith(AWS_CLI, 'a user of the loop', () => {
  const write = (name: string, content: string | Uint8Array): string => {
    const file = join(cli.dir, name);
    writeFileSync(file, content);
    return file;
  };
  let cli: AwsCli;
  let cloud: TestCloud;
  let drop: string;

  const aws = (...args: string[]) => cli.run(...args);

  beforeAll(async () => {
    cloud = await startTestCloud();
    cli = createAwsCli(cloud.info.awsEndpoint);
    drop = `s3://${cloud.info.dropBucket}`;
    await cloud.api.send('PUT', '/v1/pipelines/digits', JSON.stringify(digits()));
  }, 120_000);

  afterAll(async () => {
    await cloud?.close();
    cli?.close();
  });

  it('drops a bad file, which is rejected with a reason in the API', async () => {
    const printed = await aws(
      's3',
      'cp',
      write('bad.csv', 'colour,size\nred,1\n'),
      `${drop}/incoming/digits/`,
    );
    expect(printed).toContain(`upload: ./bad.csv to ${drop}/incoming/digits/bad.csv`);
    const story = createStory(cloud.api, 'digits');
    const run = await story.until('the rejected run', 30, async () =>
      (await story.runs()).find(({ phase }) => phase === 'rejected'),
    );
    expect(run).toMatchObject({
      stage: 'data',
      reason: expect.stringMatching(/bad\.csv.*lacks the columns label, p0/),
    });
  }, 60_000);

  it('drops a good file, which begins a run', async () => {
    const file = write('good.csv', digitsCsv({ from: 0, count: 300 }));
    await aws('s3', 'cp', file, `${drop}/incoming/digits/`);
    const story = createStory(cloud.api, 'digits');
    await story.until('a run that trains', 60, async () =>
      (await story.runs()).find(({ phase }) => phase === 'training'),
    );
  }, 90_000);

  it('lists, reads, moves and removes objects', async () => {
    const content = 'ä, ö & + %20 \u{1F600}\n';
    const name = 'a file + %2F ü.txt';
    await aws('s3', 'cp', write(name, content), `${drop}/ground-truth/notes/${name}`);
    expect(await aws('s3', 'ls')).toContain(cloud.info.dropBucket);
    expect(await aws('s3', 'ls', `${drop}/ground-truth/`)).toContain('PRE notes/');
    expect(await aws('s3', 'ls', '--recursive', `${drop}/ground-truth/`)).toContain(
      `ground-truth/notes/${name}`,
    );
    expect(await aws('s3', 'cp', `${drop}/ground-truth/notes/${name}`, '-')).toBe(content);
    await aws('s3', 'mv', `${drop}/ground-truth/notes/${name}`, `${drop}/ground-truth/notes/moved.txt`);
    expect(await aws('s3', 'rm', `${drop}/ground-truth/notes/moved.txt`)).toContain('delete:');
    expect(await aws('s3', 'ls', '--recursive', `${drop}/ground-truth/notes/`).catch(() => '')).toBe('');
  }, 60_000);

  it('carries a file of several parts there and back', async () => {
    const large = Buffer.alloc(20 * 1024 * 1024, 'ratchet ');
    await aws('s3', 'cp', write('large.bin', large), `${drop}/ground-truth/notes/large.bin`);
    await aws('s3', 'cp', `${drop}/ground-truth/notes/large.bin`, 'back.bin');
    expect(readFileSync(join(cli.dir, 'back.bin')).equals(large)).toBe(true);
  }, 60_000);

  it('synchronises a folder, and deletes there what is gone here', async () => {
    mkdirSync(join(cli.dir, 'folder'));
    write('folder/one.txt', '1');
    write('folder/two.txt', '2');
    const there = `${drop}/ground-truth/notes/folder/`;
    const names = async (): Promise<string[]> =>
      (await aws('s3', 'ls', there))
        .trim()
        .split('\n')
        .map((line) => line.split(' ').at(-1) ?? '');
    await aws('s3', 'sync', 'folder', there);
    expect(await names()).toEqual(['one.txt', 'two.txt']);
    expect(await aws('s3', 'sync', 'folder', there)).toBe('');
    rmSync(join(cli.dir, 'folder', 'two.txt'));
    expect(await aws('s3', 'sync', '--delete', 'folder', there)).toContain('delete:');
    expect(await names()).toEqual(['one.txt']);
    await aws('s3', 'sync', there, 'copy');
    expect(readFileSync(join(cli.dir, 'copy', 'one.txt'), 'utf8')).toBe('1');
  }, 90_000);

  it.each([
    ['a bucket that there is not', ['s3', 'ls', 's3://no-such-bucket'], /NoSuchBucket/],
    ['an object that there is not', ['s3api', 'get-object', '--key', 'no', 'out', '--bucket'], /NoSuchKey/],
  ])('is told of %s', async (_, args, message) => {
    const all = args.at(-1) === '--bucket' ? [...args, cloud.info.dropBucket] : args;
    await expect(aws(...all)).rejects.toMatchObject({ stderr: expect.stringMatching(message) });
  });

  it('sees the account, the queues, the rules and the jobs', async () => {
    expect(JSON.parse(await aws('sts', 'get-caller-identity'))).toMatchObject({ Account: '000000000000' });
    expect(await aws('sqs', 'list-queues')).toContain('ratchet-dev-failed-events');
    expect(await aws('events', 'list-rules', '--event-bus-name', cloud.info.busName)).toContain(
      'DatasetReceived.v1',
    );
    expect(await aws('sagemaker', 'list-training-jobs')).toContain('ratchet-dev-');
    expect(await aws('dynamodb', 'list-tables')).toContain(cloud.info.tableName);
    expect(await aws('lambda', 'list-functions')).toContain('ratchet-dev-ingest-on-drop');
  }, 60_000);
});
