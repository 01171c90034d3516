/** The cleaning engine: parts in, a dataset's files or a reason out. Streams; knows nothing of where parts come from.
 * The same parts and specification always give the same bytes, in whatever order the parts are named. */
import { type DataLayout, layOut } from '../../../shared/contracts/data-layout.ts';
import type { DataSpecification } from '../../../shared/contracts/pipeline-specification.ts';
import type { Part } from '../../../shared/lifecycle/run.ts';
import { DatasetWriter } from './dataset-writer.ts';
import { type PartMeaning, type PartReport, type PartSource, readPart } from './part-reader.ts';
import { DEFAULT_LIMITS, type Limits, Rejection } from './rejection.ts';
import { rowIdentity } from './row-identity.ts';
import { featureLayout, rawLayout } from './row-layout.ts';
import { RowProgram } from './row-program.ts';
import type { Side } from './split.ts';

export interface PrepareOptions {
  readonly data: DataSpecification;
  readonly parts: readonly PartSource[];
  /** Where the files are written; made if missing. */
  readonly directory: string;
  readonly limits?: Partial<Limits>;
}

/** `files` are relative to the directory. A rejected dataset keeps only `quarantine.jsonl`. */
export type Prepared =
  | {
      readonly kind: 'prepared';
      readonly rows: Readonly<Record<Side, number>>;
      /** Rows left out for a fault; duplicates are counted apart. */
      readonly quarantined: number;
      readonly duplicates: number;
      readonly quarantinedFresh: number;
      readonly rowsFresh: number;
      /** The features, in order. */
      readonly columns: string[];
      /** By key, then version. */
      readonly parts: PartReport[];
      readonly files: string[];
    }
  | { readonly kind: 'rejected'; readonly reason: string; readonly files: string[] };

/** Throws only what opening or reading a part throws, or the disk. */
export async function prepareDataset({ data, parts, directory, limits }: PrepareOptions): Promise<Prepared> {
  const layout = layOut(data);
  const columns = layout.features.map(({ name }) => name);
  const dataset = new DatasetWriter(directory, {
    target: data.target,
    features: columns,
    shares: data.split,
    dropDuplicates: data.duplicates === 'drop',
  });
  try {
    const reports = await readParts(data, layout, parts, dataset, { ...DEFAULT_LIMITS, ...limits });
    const fresh = reports.filter(({ source }) => source.fresh).map(({ report }) => report);
    const counts = { rowsFresh: total(fresh, 'rows'), quarantinedFresh: total(fresh, 'quarantined') };
    judge(data, dataset, counts);
    const all = reports.map(({ report }) => report);
    return {
      kind: 'prepared',
      rows: { ...dataset.rows },
      quarantined: total(all, 'quarantined'),
      duplicates: total(all, 'duplicates'),
      ...counts,
      columns,
      parts: all,
      files: dataset.finish(),
    };
  } catch (error) {
    const files = dataset.abandon();
    if (error instanceof Rejection) return { kind: 'rejected', reason: error.message, files };
    throw error;
  }
}

interface PartOutcome {
  readonly source: PartSource;
  readonly report: PartReport;
}

async function readParts(
  data: DataSpecification,
  layout: DataLayout,
  parts: readonly PartSource[],
  dataset: DatasetWriter,
  limits: Limits,
): Promise<readonly PartOutcome[]> {
  if (parts.length === 0) throw new Rejection('there are no files to prepare');
  const meanings: Readonly<Record<Part['form'], PartMeaning>> = {
    raw: { program: new RowProgram(rawLayout(data, layout)), identity: rowIdentity(data, layout, 'raw') },
    features: {
      program: new RowProgram(featureLayout(data, layout)),
      identity: rowIdentity(data, layout, 'features'),
    },
  };
  const budget = { left: limits.rows };
  const outcomes: PartOutcome[] = [];
  for (const source of [...parts].sort(byKeyAndVersion)) {
    const report = await readPart(source, meanings[source.part.form], dataset, limits, budget);
    outcomes.push({ source, report });
  }
  return outcomes;
}

function byKeyAndVersion({ part: a }: PartSource, { part: b }: PartSource): number {
  return compare(a.key, b.key) || compare(a.versionId, b.versionId) || compare(a.bucket, b.bucket);
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

const total = (reports: readonly PartReport[], what: 'rows' | 'quarantined' | 'duplicates'): number =>
  reports.reduce((sum, report) => sum + report[what], 0);

/** Throws Rejection when the clean rows are too few, or too many of the fresh ones were quarantined. */
function judge(
  { quality, split }: DataSpecification,
  { rows, quarantine }: DatasetWriter,
  { rowsFresh, quarantinedFresh }: { readonly rowsFresh: number; readonly quarantinedFresh: number },
): void {
  const clean = rows.train + rows.validation + rows.test;
  const commonest = quarantine.commonest === undefined ? '' : `; ${quarantine.commonest}`;
  if (clean === 0) throw new Rejection(`no row is clean${commonest}`);
  const share = rowsFresh === 0 ? 0 : quarantinedFresh / rowsFresh;
  if (share > quality.maximumQuarantined) {
    const allowed = percent(quality.maximumQuarantined);
    const found = `${quarantinedFresh} of ${rowsFresh} rows (${percent(share)})`;
    throw new Rejection(`${found} are quarantined, more than the allowed ${allowed}${commonest}`);
  }
  if (clean < quality.minimumRows) {
    const found = clean === 1 ? 'there is 1 clean row' : `there are ${clean} clean rows`;
    throw new Rejection(`${found}, fewer than the required ${quality.minimumRows}${commonest}`);
  }
  const wanted: readonly Side[] = split.test > 0 ? ['train', 'test'] : ['train'];
  const empty = wanted.find((side) => rows[side] === 0);
  if (empty) throw new Rejection(`the split of ${clean} clean rows leaves none for ${empty}`);
}

const percent = (share: number): string => `${Number((share * 100).toFixed(1))} %`;
