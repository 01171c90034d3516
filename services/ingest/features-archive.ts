/** `features.tar.gz` of a dataset version: what the `features` container needs to do to one record what was done to
 * the rows of the dataset. SageMaker unpacks it into the container's model folder. */
import { createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import type { DataSpecification } from '../../shared/contracts/pipeline-specification.ts';

export const FEATURES_ARCHIVE = 'features.tar.gz';

/** Reads `fitted.json` of a prepared dataset's folder and writes the archive beside it: one file,
 * `preparation.json` (`{formatVersion: 1, data, fitted}`). Equal contents give equal bytes. */
export async function writeFeaturesArchive(directory: string, data: DataSpecification): Promise<void> {
  const fitted: unknown = JSON.parse(readFileSync(join(directory, 'fitted.json'), 'utf8'));
  const preparation = Buffer.from(JSON.stringify({ formatVersion: 1, data, fitted }));
  const tar = pack();
  tar.entry({ name: 'preparation.json', mode: 0o644, mtime: new Date(0), uid: 0, gid: 0 }, preparation);
  tar.finalize();
  await pipeline(Readable.from(tar), createGzip(), createWriteStream(join(directory, FEATURES_ARCHIVE)));
}
