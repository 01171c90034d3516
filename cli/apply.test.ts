import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './package-service.ts';

describe('ratchet apply where no Ratchet runs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ratchet-apply-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const apply = (text: string) => {
    writeFileSync(join(folder, 'pipeline.yml'), text);
    const launch = join(root, 'cli/launch.mjs');
    return promisify(execFile)(process.execPath, [launch, 'apply', 'pipeline.yml'], { cwd: folder });
  };

  it('tells what is wrong with the file all the same', async () => {
    await expect(apply('name: My pipeline\n')).rejects.toMatchObject({
      code: 65,
      stderr: expect.stringContaining('pipeline.yml:1:7: /name: expected at most 28 lower-case letters'),
    });
  });
});
