/** S3 as Debian's AWS CLI sees it. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeWith } from '../support/outside-client.ts';
import { AWS_CLI, type AwsCli, createAwsCli } from './support/aws-cli.ts';
import type { BareCloud } from './support/bare-cloud.ts';
import { PLAIN, startS3Cloud, VERSIONED } from './support/s3-cloud.ts';

const MIB = 1024 ** 2;

describeWith(AWS_CLI, 'S3', () => {
  let cloud: BareCloud;
  let cli: AwsCli;
  beforeAll(async () => {
    cloud = await startS3Cloud();
    cli = createAwsCli(cloud.endpoint);
  });
  afterAll(async () => {
    cli?.close();
    await cloud?.close();
  });

  const write = (name: string, content: string | Uint8Array) => writeFileSync(join(cli.dir, name), content);
  const read = (name: string) => readFileSync(join(cli.dir, name));
  const refusal = (...args: string[]) =>
    cli.run(...args).then(
      () => 'fine',
      (error) => String(error.stderr),
    );
  const api = (command: string, Key: string, ...more: string[]) =>
    cli.json('s3api', command, '--bucket', PLAIN, '--key', Key, ...more);

  it('cp carries 100 MB there, between keys and back, in parts', async () => {
    const large = randomBytes(100 * MIB);
    write('large', large);
    await cli.run('s3', 'cp', '--no-progress', 'large', `s3://${PLAIN}/large`);
    await cli.run('s3', 'cp', '--no-progress', `s3://${PLAIN}/large`, `s3://${PLAIN}/copy of large`);
    await cli.run('s3', 'cp', '--no-progress', `s3://${PLAIN}/copy of large`, 'back');
    expect(read('back').equals(large)).toBe(true);
    expect(await api('head-object', 'copy of large')).toMatchObject({
      ContentLength: 100 * MIB,
      ETag: expect.stringMatching(/-13"$/),
    });
  }, 120_000);

  it('get-object gives a range', async () => {
    write('digits', '0123456789');
    await cli.run('s3', 'cp', 'digits', `s3://${PLAIN}/digits`);
    expect(await api('get-object', 'digits', '--range', 'bytes=2-4', 'part')).toMatchObject({
      ContentRange: 'bytes 2-4/10',
    });
    expect(read('part').toString()).toBe('234');
    const beyond = ['--bucket', PLAIN, '--key', 'digits', '--range', 'bytes=10-', 'part'];
    expect(await refusal('s3api', 'get-object', ...beyond)).toContain('(InvalidRange)');
  });

  it('sync makes two folders the same, and rm and ls tell what they did', async () => {
    const names = ['a +%2F.txt', 'sub/\u{1F600}.txt', 'sub/two.txt'];
    mkdirSync(join(cli.dir, 'folder/sub'), { recursive: true });
    for (const name of names) write(`folder/${name}`, name);
    const there = `s3://${PLAIN}/sync/`;
    await cli.run('s3', 'sync', 'folder', there);
    expect(await cli.run('s3', 'sync', 'folder', there)).toBe('');
    const listed = await cli.run('s3', 'ls', '--recursive', there);
    for (const name of names) expect(listed).toContain(` sync/${name}\n`);
    expect(await cli.run('s3', 'ls', there)).toContain('PRE sub/');
    rmSync(join(cli.dir, 'folder/sub/two.txt'));
    expect(await cli.run('s3', 'sync', '--delete', 'folder', there)).toContain(`delete: ${there}sub/two.txt`);
    await cli.run('s3', 'sync', there, 'copy');
    expect(readdirSync(join(cli.dir, 'copy/sub'))).toEqual(['\u{1F600}.txt']);
    expect(read('copy/a +%2F.txt').toString()).toBe('a +%2F.txt');
    expect((await cli.run('s3', 'rm', '--recursive', there)).match(/^delete:/gm)).toHaveLength(2);
    expect(await refusal('s3', 'ls', there)).not.toContain('sync/');
  }, 60_000);

  it('mv moves, mb makes a bucket', async () => {
    await cli.run('s3', 'mb', 's3://conformance-made');
    write('moved', 'x');
    await cli.run('s3', 'mv', 'moved', 's3://conformance-made/one');
    await cli.run('s3', 'mv', 's3://conformance-made/one', 's3://conformance-made/two');
    expect(await cli.run('s3', 'ls', 's3://conformance-made')).toMatch(/^\S+ \S+ +1 two\n$/);
    expect(await cli.run('s3', 'ls')).toContain('conformance-made');
  }, 30_000);

  it('list-objects-v2 pages, and rolls up at a delimiter', async () => {
    mkdirSync(join(cli.dir, 'many'));
    for (let i = 0; i < 12; i++) write(`many/${String(i).padStart(2, '0')}`, 'x');
    await cli.run('s3', 'sync', 'many', `s3://${PLAIN}/many/`);
    const list = (...more: string[]) =>
      cli.json('s3api', 'list-objects-v2', '--bucket', PLAIN, '--prefix', 'many', ...more);
    const paged = (await list('--page-size', '5')) as { Contents: { Key: string }[] };
    expect(paged.Contents.map(({ Key }) => Key)).toEqual(
      readdirSync(join(cli.dir, 'many')).map((n) => `many/${n}`),
    );
    expect(await list('--delimiter', '/')).toMatchObject({ CommonPrefixes: [{ Prefix: 'many/' }] });
  }, 30_000);

  it('put-object is refused with a wrong MD5 or checksum', async () => {
    write('body', 'body');
    const put = ['s3api', 'put-object', '--bucket', PLAIN, '--key', 'refused', '--body', 'body'];
    const md5 = (text: string) => createHash('md5').update(text).digest('base64');
    const zeros = { crc32: 4, 'crc32-c': 4, sha1: 20, sha256: 32 };
    expect(await refusal(...put, '--content-md5', md5('other'))).toContain('(BadDigest)');
    for (const [name, size] of Object.entries(zeros)) {
      const value = Buffer.alloc(size).toString('base64');
      expect(await refusal(...put, `--checksum-${name}`, value)).toContain('(BadDigest)');
    }
    expect(await refusal('s3api', 'head-object', '--bucket', PLAIN, '--key', 'refused')).toContain('(404)');
    expect(await refusal(...put, '--content-md5', md5('body'))).toBe('fine');
    for (const algorithm of ['CRC32', 'SHA1', 'SHA256'])
      expect(await refusal(...put, '--checksum-algorithm', algorithm)).toBe('fine');
  }, 60_000);

  it('keeps versions, and deletes many at once', async () => {
    const of = ['--bucket', VERSIONED, '--key', 'v'];
    const versions = [];
    for (const body of ['one', 'two']) {
      write('body', body);
      versions.push(
        (await cli.json<{ VersionId: string }>('s3api', 'put-object', ...of, '--body', 'body')).VersionId,
      );
    }
    await cli.run('s3', 'rm', `s3://${VERSIONED}/v`);
    expect(await refusal('s3api', 'head-object', ...of)).toContain('(404)');
    await cli.run('s3api', 'get-object', ...of, '--version-id', versions[0]!, 'old');
    expect(read('old').toString()).toBe('one');
    const list = ['s3api', 'list-object-versions', '--bucket', VERSIONED];
    const { Versions, DeleteMarkers } = await cli.json<Record<string, { VersionId: string }[]>>(...list);
    expect(Versions!.map(({ VersionId }) => VersionId)).toEqual(versions.toReversed());
    const Objects = [...Versions!, ...DeleteMarkers!].map(({ VersionId }) => ({ Key: 'v', VersionId }));
    await cli.run('s3api', 'delete-objects', '--bucket', VERSIONED, '--delete', JSON.stringify({ Objects }));
    expect(await cli.run(...list)).toBe('');
  }, 60_000);
});
