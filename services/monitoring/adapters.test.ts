import { PutObjectCommand } from '@aws-sdk/client-s3';
import { startTestServer, type TestServer } from '../../local/s3/test-server.ts';
import { createObjects } from './adapters.ts';
import { ObjectMissing, type Objects } from './ports.ts';

describe('objects in S3', () => {
  let server: TestServer;
  let objects: Objects;
  const bucket = 'versioned';
  const put = (Key: string, Body: string) =>
    server.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
  const read = async (key: string, versionId?: string) => {
    const lines: string[] = [];
    for await (const line of objects.lines({ bucket, key, ...(versionId ? { versionId } : {}) }))
      lines.push(line);
    return lines;
  };

  beforeAll(async () => {
    server = await startTestServer();
    objects = createObjects(server.client);
  });
  afterAll(() => server.dispose());

  it('given an object, then its lines are read, of any of its versions', async () => {
    const { VersionId } = await put('labels.jsonl', 'one\ntwo\n');
    await put('labels.jsonl', 'three');
    expect(await read('labels.jsonl')).toEqual(['three']);
    expect(await read('labels.jsonl', VersionId)).toEqual(['one', 'two']);
  });

  it('given no object, then ObjectMissing is thrown', async () => {
    await expect(read('nothing')).rejects.toBeInstanceOf(ObjectMissing);
    await expect(objects.json({ bucket, key: 'nothing' })).rejects.toBeInstanceOf(ObjectMissing);
  });

  it('given captures of several variants, then those from an hour on are listed with their time', async () => {
    const keys = ['a/2026/11/22/23/x.jsonl', 'a/2026/11/23/00/x.jsonl', 'b/2026/11/24/00/x.jsonl'].map(
      (key) => `captures/e/${key}`,
    );
    for (const key of [...keys, 'captures/other/a/2026/11/24/00/x.jsonl']) await put(key, 'x');
    const listed = await objects.listSince({ bucket, prefix: 'captures/e/', after: '2026/11/23/00' });
    expect(listed.map(({ key }) => key)).toEqual(keys.slice(1));
    expect(listed.every(({ writtenAt }) => writtenAt > 0)).toBe(true);
  });

  it('given JSON and lines of many megabytes, then they are read back as written', async () => {
    await objects.writeJson({ bucket, key: 'report.json' }, { a: [1, 'é'] });
    expect(await objects.json({ bucket, key: 'report.json' })).toEqual({ a: [1, 'é'] });
    const line = '0.25,'.repeat(2_000);
    async function* lines() {
      for (let i = 0; i < 1_200; i += 1) yield `${i},${line}`;
    }
    await objects.writeLines({ bucket, key: 'part.csv' }, lines());
    const back = await read('part.csv');
    expect(back).toHaveLength(1_200);
    expect(back.at(-1)).toBe(`1199,${line}`);
  });
});
