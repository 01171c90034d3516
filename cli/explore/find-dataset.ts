/** A dataset version by what people call it. */
import type { Api } from '../api.ts';
import { CliError, exitCode } from '../exit.ts';

export interface FoundDataset {
  readonly pipeline: string;
  readonly version: string;
  /** s3:// address that its files' names follow. */
  readonly prefix: string;
  readonly runId: string;
}

/** `pipeline` (its newest dataset), `pipeline@version`, or a version; of a version the first digits are enough. */
export interface DatasetName {
  readonly pipeline?: string;
  readonly version?: string;
}

const VERSION = /^[0-9a-f]{6,32}$/;
/** A pipeline's name could be `abcdef`: only what no name can be is taken for a version without pipeline. */
const BARE_VERSION = /^(?=.*\d)[0-9a-f]{12,32}$|^\d[0-9a-f]{5,31}$/;

export function parseDatasetName(text: string): DatasetName {
  if (BARE_VERSION.test(text)) return { version: text };
  const [pipeline = '', version, ...more] = text.split('@');
  const wrong = pipeline === '' || more.length > 0 || (version !== undefined && !VERSION.test(version));
  if (!wrong) return { pipeline, ...(version === undefined ? {} : { version }) };
  throw new CliError(
    `"${text}" names no dataset: write PIPELINE, PIPELINE@VERSION, or a version (at least 6 of its hexadecimal digits)`,
    exitCode.usage,
  );
}

/** Throws a CliError that says what there is instead. */
export async function findDataset(api: Api, name: DatasetName): Promise<FoundDataset> {
  const pipelines =
    name.pipeline === undefined
      ? (await everyPage<{ name: string }>(api, '/v1/pipelines', 'pipelines')).map((one) => one.name)
      : [name.pipeline];
  const found = new Map<string, FoundDataset>();
  for (const pipeline of pipelines) {
    const path = `/v1/pipelines/${encodeURIComponent(pipeline)}/datasets`;
    const datasets = await everyPage<FoundDataset>(api, path, 'datasets');
    for (const dataset of wantedOf(datasets, name.version))
      found.set(`${pipeline}@${dataset.version}`, { ...dataset, pipeline });
  }
  const [first, second] = found.values();
  if (!first) throw new CliError(nothingFound(name), exitCode.badData);
  if (second) {
    const names = [...found.keys()].slice(0, 5).join(', ');
    throw new CliError(`"${name.version}" is the beginning of several: ${names}`, exitCode.badData);
  }
  return first;
}

/** The API lists the newest first. */
function wantedOf(datasets: readonly FoundDataset[], version: string | undefined): readonly FoundDataset[] {
  if (version === undefined) return datasets.slice(0, 1);
  return datasets.filter((dataset) => dataset.version.startsWith(version));
}

function nothingFound({ pipeline, version }: DatasetName): string {
  if (version === undefined)
    return `${pipeline} has no dataset yet. Make one with: ratchet drop ${pipeline} FILE`;
  const where = pipeline === undefined ? '' : ` of ${pipeline}`;
  return `There is no dataset version ${version}${where}; "ratchet runs PIPELINE" shows what was prepared`;
}

async function everyPage<T>(api: Api, path: string, key: string): Promise<readonly T[]> {
  const items: T[] = [];
  let next: string | undefined;
  do {
    const query = next === undefined ? 'limit=100' : `limit=100&next=${encodeURIComponent(next)}`;
    const page = await api.get<Record<string, unknown> & { next?: string }>(`${path}?${query}`);
    items.push(...(page[key] as readonly T[]));
    next = page.next;
  } while (next !== undefined);
  return items;
}
