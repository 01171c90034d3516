import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './package-service.ts';

const launch = join(root, 'cli/launch.mjs');

describe('ratchet', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ratchet-main-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const ratchet = (...args: readonly string[]) =>
    promisify(execFile)(process.execPath, [launch, ...args], { cwd: folder });

  it.each([
    [
      'a folder that is not there',
      'away/spec.yml',
      64,
      'There is no folder away to write away/spec.yml into',
    ],
    ['a name that the system refuses', 'x'.repeat(300), 1, 'ENAMETOOLONG'],
  ])('says in a line that it cannot write into %s', async (_, out, code, message) => {
    writeFileSync(join(folder, 'table.csv'), `x,y\n${'1,2\n3,4\n5,7\n'.repeat(10)}`);
    const failed = ratchet('init', 'table.csv', '--target', 'y', '--out', out);
    await expect(failed).rejects.toMatchObject({
      code,
      stderr: expect.stringMatching(new RegExp(`^ratchet: ${message}[^\\n]*\\n$`)),
    });
  });
});
