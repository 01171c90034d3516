/** For tests: writes a folder as `serverless package` does, from resources and the sources of bundles. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { TEMPLATE_FILE } from './template.ts';

export interface PackageFixture {
  readonly resources: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** Zip name → path in the zip → source. */
  readonly bundles?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export function writePackage(dir: string, fixture: PackageFixture): string {
  mkdirSync(dir, { recursive: true });
  const template = {
    AWSTemplateFormatVersion: '2010-09-09',
    Resources: fixture.resources,
    Outputs: fixture.outputs ?? {},
  };
  writeFileSync(join(dir, TEMPLATE_FILE), JSON.stringify(template));
  for (const [name, files] of Object.entries(fixture.bundles ?? {}))
    writeFileSync(join(dir, name), zip(files));
  return dir;
}

/** A zip archive with deflated entries. */
export function zip(files: Readonly<Record<string, string>>): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [path, text] of Object.entries(files)) {
    const name = Buffer.from(path);
    const content = Buffer.from(text);
    const packed = deflateRawSync(content);
    // Version, flags, method 8, time and date, CRC, sizes, length of the name, of the extra field.
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(name.length, 22);
    const at = Buffer.alloc(14);
    at.writeUInt32LE(offset, 10);
    const local = Buffer.concat([Buffer.from('504b0304', 'hex'), common, name, packed]);
    directory.push(Buffer.concat([Buffer.from('504b01021400', 'hex'), common, at, name]));
    locals.push(local);
    offset += local.length;
  }
  const end = Buffer.alloc(22);
  end.write('504b0506', 'hex');
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, ...directory, end]);
}
