import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unpackInto } from '../../local/sagemaker/archive.ts';
import { specificationOf } from '../../shared/lifecycle/testing/example-runs.ts';
import { writeFeaturesArchive } from './features-archive.ts';

describe('features.tar.gz', () => {
  const directory = mkdtempSync(join(tmpdir(), 'ratchet-features-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  it('holds the specification of the data and what was fitted, in the same bytes each time', async () => {
    const { data } = specificationOf();
    const fitted = { formatVersion: 1, columns: { a: { low: -1, high: 1 } }, features: {} };
    writeFileSync(join(directory, 'fitted.json'), JSON.stringify(fitted));
    await writeFeaturesArchive(directory, data);
    const archive = join(directory, 'features.tar.gz');
    const before = readFileSync(archive);
    await unpackInto(archive, join(directory, 'model'));
    const text = readFileSync(join(directory, 'model/preparation.json'), 'utf8');
    expect(JSON.parse(text)).toEqual({ formatVersion: 1, data, fitted });
    await writeFeaturesArchive(directory, data);
    expect(readFileSync(archive).equals(before)).toBe(true);
  });
});
