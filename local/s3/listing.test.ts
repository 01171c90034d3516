import { ListObjectsV2Command, type ListObjectsV2CommandOutput, PutObjectCommand } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { Sqlite } from '../sqlite.ts';
import { type ListPage, listPage, positionAt } from './listing.ts';
import { SCHEMA } from './schema.ts';
import { startTestServer, type TestServer } from './test-server.ts';

const utf8 = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** A database in memory whose one bucket holds these keys. */
function databaseOf(keys: readonly string[]): Sqlite {
  const db = new Sqlite(':memory:', SCHEMA);
  for (const [i, key] of keys.entries()) {
    const sql = "INSERT INTO object VALUES (?, 'b', ?, 'null', 1, 0, 0, 0, '{}', '[]', NULL)";
    db.run(sql, i + 1, key);
  }
  return db;
}

/** What a listing shows, by the definition: sorted keys under the prefix, rolled up at the delimiter. */
function expected(keys: readonly string[], prefix: string, delimiter: string): string[] {
  const shown = keys
    .filter((key) => key.startsWith(prefix))
    .map((key) => {
      const at = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
      return at < 0 ? key : `${key.slice(0, at + delimiter.length)} (prefix)`;
    });
  return [...new Set(shown)].sort((a, b) =>
    utf8(a.replace(/ \(prefix\)$/, ''), b.replace(/ \(prefix\)$/, '')),
  );
}

const character = fc.constantFrom('a', 'b', '/', '-', 'é', '😀', '\uffff', '\u{10ffff}', '\ud7ff');
const word = (minLength: number, maxLength: number) => fc.string({ unit: character, minLength, maxLength });

describe('pages of a listing', () => {
  it('together show every key once, in order, whatever their size', () => {
    const keys = fc.uniqueArray(word(1, 6), { maxLength: 25 });
    const delimiter = fc.constantFrom('', '/', '-', '/a', '\u{10ffff}');
    fc.assert(
      fc.property(keys, word(0, 2), delimiter, fc.integer({ min: 1, max: 7 }), (all, prefix, cut, max) => {
        const db = databaseOf(all);
        const shown: string[] = [];
        let after: ListPage['next'] = positionAt('');
        while (after) {
          const query = { bucket: 'b', prefix, delimiter: cut, after, max, versions: false };
          const page: ListPage = listPage(db, query);
          expect(page.objects.length + page.prefixes.length).toBeLessThanOrEqual(max);
          expect(page.next !== undefined && page.objects.length + page.prefixes.length < max).toBe(false);
          const objects = page.objects.map(({ key }) => [key, key]);
          const groups = page.prefixes.map((group) => [group, `${group} (prefix)`]);
          const entries = [...objects, ...groups].sort(([a], [b]) => utf8(a!, b!));
          shown.push(...entries.map(([, text]) => text!));
          after = page.next;
        }
        db.close();
        expect(shown).toEqual(expected(all, prefix, cut));
      }),
      { numRuns: 150 },
    );
  });
});

describe('ListObjectsV2', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
    const keys = ['a.csv', 'dir/1', 'dir/2', 'dir/sub/3', 'z +&<é.csv'];
    for (const Key of keys)
      await server.client.send(new PutObjectCommand({ Bucket: 'plain', Key, Body: 'x' }));
  });
  afterAll(() => server.dispose());

  const list = (more = {}) => server.client.send(new ListObjectsV2Command({ Bucket: 'plain', ...more }));
  const keysOf = (page: ListObjectsV2CommandOutput) => page.Contents?.map(({ Key }) => Key) ?? [];
  const prefixesOf = (page: ListObjectsV2CommandOutput) =>
    page.CommonPrefixes?.map(({ Prefix }) => Prefix) ?? [];

  it('shows a folder by its delimiter', async () => {
    const top = await list({ Delimiter: '/' });
    expect([keysOf(top), prefixesOf(top)]).toEqual([['a.csv', 'z +&<é.csv'], ['dir/']]);
    const dir = await list({ Delimiter: '/', Prefix: 'dir/' });
    expect([keysOf(dir), prefixesOf(dir)]).toEqual([['dir/1', 'dir/2'], ['dir/sub/']]);
    expect(dir).toMatchObject({ KeyCount: 3, IsTruncated: false, Prefix: 'dir/', Delimiter: '/' });
  });

  it('goes on where a page ended and starts after a key', async () => {
    const first = await list({ MaxKeys: 2 });
    expect([keysOf(first), first.IsTruncated]).toEqual([['a.csv', 'dir/1'], true]);
    const second = await list({ ContinuationToken: first.NextContinuationToken });
    expect([keysOf(second), second.IsTruncated]).toEqual([['dir/2', 'dir/sub/3', 'z +&<é.csv'], false]);
    expect(keysOf(await list({ StartAfter: 'dir/2' }))).toEqual(['dir/sub/3', 'z +&<é.csv']);
    expect(prefixesOf(await list({ StartAfter: 'dir/1', Delimiter: '/' }))).toEqual(['dir/']);
  });

  it('encodes keys when asked', async () => {
    expect(keysOf(await list({ EncodingType: 'url', Prefix: 'z' }))).toEqual(['z%20%2B%26%3C%C3%A9.csv']);
  });

  it('refuses arguments that are none', async () => {
    const wrong = ['max-keys=x', 'continuation-token=x', 'continuation-token=', 'encoding-type=xml'];
    for (const argument of wrong) {
      const answer = await server.raw('GET', `/plain?list-type=2&${argument}`);
      expect([argument, answer.status]).toEqual([argument, 400]);
      expect(answer.body).toContain('<Code>InvalidArgument</Code>');
    }
    expect(await list({ MaxKeys: 0 })).toMatchObject({ KeyCount: 0, IsTruncated: false });
  });
});
