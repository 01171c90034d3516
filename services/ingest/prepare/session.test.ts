import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resourcesOf, Session } from './session.ts';

let home: string;
let session: Session;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'ratchet-session-'));
  mkdirSync(join(home, 'inside'));
  writeFileSync(join(home, 'secret.csv'), 'a\n1\n');
  writeFileSync(join(home, 'inside', 'own.csv'), 'a\n1\n');
  symlinkSync(join(home, 'secret.csv'), join(home, 'inside', 'link.csv'));
  session = await Session.open(join(home, 'inside'), resourcesOf(512));
});
afterEach(() => {
  session.close();
  rmSync(home, { recursive: true });
});

describe('a session sees one folder', () => {
  it('and works there', async () => {
    const file = join(home, 'inside', 'own.csv');
    expect(await session.row(`SELECT a FROM read_csv('${file}')`)).toEqual([1n]);
    await session.run(`COPY (SELECT 1 AS a) TO '${join(home, 'inside', 'new.parquet')}' (FORMAT parquet)`);
  });

  it.each([
    ['a file beside it', () => `SELECT * FROM read_csv('${home}/secret.csv')`],
    ['a way out of it', () => `SELECT * FROM read_csv('${home}/inside/../secret.csv')`],
    ['a link out of it', () => `SELECT * FROM read_csv('${home}/inside/link.csv')`],
    ['a file to write beside it', () => `COPY (SELECT 1) TO '${home}/new.csv'`],
    ['another database', () => `ATTACH '${home}/other.db'`],
    ['an address', () => `SELECT * FROM read_csv('http://127.0.0.1:9/x.csv')`],
    ['an extension', () => 'INSTALL httpfs'],
    ['a setting', () => "SET memory_limit = '1TB'"],
    ['a way to open up', () => 'SET enable_external_access = true'],
  ])('but not %s', async (_, statement) => {
    await expect(session.run(statement())).rejects.toThrow();
  });

  it('and a statement that is interrupted fails', async () => {
    const endless = session.run('SELECT count(*) FROM range(100000000000) AS a, range(100000000000) AS b');
    setTimeout(() => session.interrupt(), 50);
    await expect(endless).rejects.toThrow(/INTERRUPT/i);
  });
});

it('takes a part of the memory, and processors as Lambda gives them', () => {
  expect(resourcesOf(512)).toMatchObject({ memoryBytes: 512 * 1024 ** 2, threads: 1 });
  expect(resourcesOf(10_240).threads).toBeGreaterThanOrEqual(1);
});
