import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { pack } from 'tar-stream';
import { filesUnder, packFolder, UnsafeArchive, unpackInto } from './archive.ts';

const dir = mkdtempSync(join(tmpdir(), 'ratchet-archive-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
let count = 0;
const fresh = () => join(dir, String(++count));

function write(folder: string, files: Readonly<Record<string, Uint8Array>>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

describe('model archives', () => {
  it('bring back every file, and are equal for equal contents whatever the times', async () => {
    const name = fc.stringMatching(/^[a-z]{1,8}(\/[0-9]{1,4})?$/);
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, fc.uint8Array({ maxLength: 3000 })), async (files) => {
        // A name cannot be both a file and a folder.
        for (const each of Object.keys(files))
          fc.pre(!Object.keys(files).some((other) => other.startsWith(`${each}/`)));
        const [folder, again, back] = [fresh(), fresh(), fresh()];
        write(folder, files);
        write(again, Object.fromEntries(Object.entries(files).reverse()));
        for (const each of Object.keys(files)) utimesSync(join(again, each), 1, 1);
        await packFolder(folder, `${folder}.tar.gz`);
        await packFolder(again, `${again}.tar.gz`);
        expect(readFileSync(`${again}.tar.gz`)).toEqual(readFileSync(`${folder}.tar.gz`));
        await unpackInto(`${folder}.tar.gz`, back);
        expect(await filesUnder(back)).toEqual(Object.keys(files).sort());
        for (const [each, content] of Object.entries(files)) {
          expect(readFileSync(join(back, each))).toEqual(Buffer.from(content));
        }
      }),
      { numRuns: 25 },
    );
  });

  it('are not made where they cannot be written', async () => {
    const folder = fresh();
    write(folder, { a: Buffer.alloc(1_000_000, 'x'), b: Buffer.alloc(1_000_000, 'y') });
    await expect(packFolder(folder, join(fresh(), 'no-such-folder/a.tar.gz'))).rejects.toThrow('ENOENT');
  });

  it('come back whole into a folder that takes long to make', async () => {
    const folder = fresh();
    write(folder, { a: Buffer.from('1') });
    await packFolder(folder, `${folder}.tar.gz`);
    const deep = join(fresh(), 'd/'.repeat(1500), 'last');
    await unpackInto(`${folder}.tar.gz`, deep);
    expect(await filesUnder(deep)).toEqual(['a']);
  });

  it.each<[string, Parameters<ReturnType<typeof pack>['entry']>[0]]>([
    ['a name that climbs out', { name: '../evil' }],
    ['a name that climbs out in the middle', { name: 'a/../../evil' }],
    ['an absolute name', { name: '/tmp/evil' }],
    ['a symbolic link', { name: 'evil', type: 'symlink', linkname: '/etc/passwd' }],
    ['a hard link', { name: 'evil', type: 'link', linkname: '/etc/passwd' }],
    ['a device', { name: 'evil', type: 'character-device' }],
  ])('are refused with %s', async (_, header) => {
    const tar = pack();
    if (header.type) tar.entry(header);
    else tar.entry(header, 'evil');
    tar.finalize();
    const chunks: Buffer[] = [];
    for await (const chunk of tar) chunks.push(chunk as Buffer);
    const archive = `${fresh()}.tar.gz`;
    writeFileSync(archive, gzipSync(Buffer.concat(chunks)));
    await expect(unpackInto(archive, fresh())).rejects.toThrow(UnsafeArchive);
  });

  it('are refused when they are no archives', async () => {
    const archive = `${fresh()}.tar.gz`;
    writeFileSync(archive, 'not gzip');
    await expect(unpackInto(archive, fresh())).rejects.toThrow('incorrect header check');
  });
});
