import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFrontDoor, type FrontDoor, type Services } from './front-door.ts';
import { lockFolder } from './lock.ts';
import { createSts } from './sts/service.ts';

const NAMES = [
  's3',
  'dynamodb',
  'events',
  'sqs',
  'lambda',
  'sagemaker',
  'sagemaker-runtime',
  'monitoring',
  'ecr',
  'sts',
];

let door: FrontDoor;
let base: string;

beforeEach(async () => {
  door = createFrontDoor();
  base = `http://127.0.0.1:${await door.listen(0)}`;
});

afterEach(() => door.close());

/** Services that answer with their own name and the access key. */
function echoes(): Services {
  const echo =
    (name: string) =>
    async ({ res, accessKeyId }: { res: { end(text: string): void }; accessKeyId: string }) =>
      res.end(`${name} ${accessKeyId}`);
  return Object.fromEntries(NAMES.map((name) => [name, echo(name)])) as unknown as Services;
}

const signed = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=AKID.me/20260131/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
});

it.each([
  ['s3', '/bucket/key', signed('s3')],
  ['dynamodb', '/', signed('dynamodb')],
  ['events', '/', signed('events')],
  ['sqs', '/', signed('sqs')],
  ['lambda', '/2015-03-31/functions/', signed('lambda')],
  ['sagemaker', '/', signed('sagemaker')],
  ['sagemaker-runtime', '/endpoints/one/invocations', signed('sagemaker')],
  ['monitoring', '/', signed('monitoring')],
  ['ecr', '/', signed('ecr')],
  ['sts', '/', signed('sts')],
  ['s3', '/bucket/key?X-Amz-Credential=AKID.me%2F20260131%2Fus-east-1%2Fs3%2Faws4_request', {}],
])('leads to %s by the scope of the signature: %s', async (name, path, headers) => {
  door.serve(echoes());
  expect(await (await fetch(`${base}${path}`, { headers })).text()).toBe(`${name} AKID.me`);
});

it('leads unsigned requests by their target, else to S3, and refuses what it does not offer', async () => {
  door.serve(echoes());
  const target = { 'x-amz-target': 'DynamoDB_20120810.GetItem' };
  expect(await (await fetch(base, { headers: target })).text()).toBe('dynamodb ');
  expect(await (await fetch(`${base}/bucket`)).text()).toBe('s3 ');
  const foreign = await fetch(base, { headers: signed('kinesis') });
  expect([foreign.status, await foreign.json()]).toEqual([
    400,
    expect.objectContaining({ __type: 'UnknownOperationException' }),
  ]);
});

it('answers 503 until the services are there', async () => {
  expect((await fetch(base)).status).toBe(503);
});

it('tells callers who they are, and refuses what STS does not offer', async () => {
  const sts = createSts({ identity: { account: '000000000000', region: 'us-east-1' } });
  door.serve({ ...echoes(), sts: sts.handle });
  const call = (Action: string) =>
    fetch(base, { method: 'POST', headers: signed('sts'), body: new URLSearchParams({ Action }) });
  expect(await (await call('GetCallerIdentity')).text()).toContain(
    '<Arn>arn:aws:iam::000000000000:user/AKID.me</Arn>',
  );
  const refused = await call('<AssumeRole>');
  expect([refused.status, await refused.text()]).toEqual([
    400,
    expect.stringMatching(/<Code>InvalidAction<.*&lt;AssumeRole&gt;/),
  ]);
});

it('lets one cloud at a time into a folder', () => {
  const dir = mkdtempSync(join(tmpdir(), 'lock-'));
  const first = lockFolder(dir);
  expect(() => lockFolder(dir)).toThrow(expect.objectContaining({ code: 'FOLDER_IN_USE' }));
  first.release();
  lockFolder(dir).release();
  rmSync(dir, { recursive: true });
});
