/** One file, prepared by both batch engines. */
import { createReadStream, statSync } from 'node:fs';
import { type PrepareOptions, prepareDataset } from '../../../services/ingest/prepare/prepare-dataset.ts';
import { resourcesOf } from '../../../services/ingest/prepare/session.ts';
import { type EngineOutput, readOutput } from '../../engines/engine-output.ts';
import type { Spark } from './spark.ts';

/** The part's key is `incoming/<name>`; what the engines write lies in `folder`. */
export async function prepareByBoth(
  engine: Spark,
  { folder, name, file }: { readonly folder: string; readonly name: string; readonly file: string },
  { data, limits }: Pick<PrepareOptions, 'data' | 'limits'>,
): Promise<{ readonly duckdb: EngineOutput; readonly spark: EngineOutput }> {
  const part = { bucket: 'drop', key: `incoming/${name}`, versionId: 'v1', size: statSync(file).size };
  const [duckdb, spark] = [`${folder}/${name}-duckdb`, `${folder}/${name}-spark`];
  const bounded = limits ? { limits } : {};
  await prepareDataset({
    data,
    parts: [{ part, fresh: true, open: async () => createReadStream(file) }],
    directory: duckdb,
    resources: resourcesOf(1024),
    ...bounded,
  });
  await engine.prepare([{ data, parts: [{ ...part, fresh: true, file }], directory: spark, ...bounded }]);
  return { duckdb: readOutput(duckdb), spark: readOutput(spark) };
}
