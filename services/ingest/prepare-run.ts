/** From received to prepared: the run's data is cleaned together with what the dataset already had. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Conflict, type Stored } from '../../shared/aws/item-store.ts';
import { datasetKey, datasetList, inList } from '../../shared/aws/keys.ts';
import type { StoredRun } from '../../shared/aws/run-store.ts';
import { tryAgainOnConflict } from '../../shared/aws/try-again.ts';
import { preparationDigest } from '../../shared/contracts/parse-specification.ts';
import { parseS3Uri, s3Uri } from '../../shared/contracts/s3-uri.ts';
import type { FactOf } from '../../shared/lifecycle/facts.ts';
import type { DatasetHead, Pipeline } from '../../shared/lifecycle/pipeline.ts';
import type { DatasetRef, Run, RunIn } from '../../shared/lifecycle/run.ts';
import { asideRows } from '../../shared/preparation/remedy.ts';
import {
  datasetPrefix,
  datasetVersion,
  keptWhenReplaced,
  type UnitedPart,
  unite,
} from './dataset-version.ts';
import { FEATURES_ARCHIVE, writeFeaturesArchive } from './features-archive.ts';
import type { IngestPorts, Manifest } from './ports.ts';
import { type Prepared, prepareDataset } from './prepare/prepare-dataset.ts';
import { undeclaredColumns } from './prepare/quality.ts';
import { buildPrepareBySpark, type Unfinished, type Work } from './prepare-by-spark.ts';
import { profilePage } from './profile/profile-page.ts';
import { readAhead } from './read-ahead.ts';
import { buildPartsOfRun } from './run-parts.ts';
import { declaredSources } from './source-schedule.ts';
import { mayBeTooLarge, textBytes } from './spark-job.ts';
import { buildTidyWork } from './work-folders.ts';

/** A preparation that has not been heard of for so long is taken over by the sweep. */
const LEASE_MS = 30_000;
const HEARTBEAT_MS = 10_000;
const PROFILE = 'profile.html';
const MOST_MANIFEST_BYTES = 64 * 1024 * 1024;

type Refused = Omit<FactOf<'data-rejected'>, 'kind'> & { readonly kind: 'rejected' };

type Outcome = (
  | { readonly kind: 'dataset'; readonly dataset: DatasetRef; readonly head: DatasetHead }
  | Refused
  | Unfinished
) & { readonly bySpark?: boolean };

/** Puts a file of the dataset, by its name, under a key of the artifacts bucket. */
type SaveFile = (key: string, name: string) => Promise<void>;

interface Keeping {
  readonly parts: readonly UnitedPart[];
  readonly directory: string;
  readonly save: SaveFile;
}

export type PrepareRun = (runId: string) => Promise<void>;

export function buildPrepareRun(ports: IngestPorts): PrepareRun {
  const { items, runs, storage, withFolder, resources, limits, settings, now } = ports;
  const partsOfRun = buildPartsOfRun(ports);
  const { hasBegun, prepareBySpark } = buildPrepareBySpark(ports);
  const tidyWork = buildTidyWork(ports);

  async function manifestOf(head: DatasetHead | undefined): Promise<Manifest | undefined> {
    if (!head) return undefined;
    const { bucket, key } = parseS3Uri(`${head.prefix}manifest.json`);
    const text = await storage.readText(bucket, key, MOST_MANIFEST_BYTES);
    if (!text) throw new Error(`The dataset ${head.version} has no manifest at ${head.prefix}`);
    return JSON.parse(text) as Manifest;
  }

  /** Which parts the dataset is made of, given what it had before. */
  async function partsFor(
    run: RunIn<'preparing'>,
    last: Manifest | undefined,
  ): Promise<readonly UnitedPart[]> {
    const { mode, sources } = run.specification.data;
    const before = last?.parts ?? [];
    const added = await partsOfRun(run);
    if (mode !== 'replace' || run.cause.kind !== 'data') return unite(before, added);
    const declared = declaredSources(sources).map(({ name }) => name);
    return unite(keptWhenReplaced(before, added, declared), added);
  }

  async function prepare(run: RunIn<'preparing'>, head: DatasetHead | undefined): Promise<Outcome> {
    const last = await manifestOf(head);
    const parts = await partsFor(run, last);
    if (parts.length === 0) return { kind: 'rejected', reason: 'There is no data yet: drop a file first' };
    const work = { run, parts, before: last?.undeclared };
    const outcome = (await belongsToSpark(work)) ? undefined : await prepareHere(work);
    return outcome ?? { ...(await prepareInSpark(work)), bySpark: true };
  }

  /** What a job has been asked to do already is not tried here again. */
  async function belongsToSpark(work: Work): Promise<boolean> {
    const { sparkAboveBytes } = settings;
    if (textBytes(work.parts) > sparkAboveBytes) return true;
    return mayBeTooLarge(work.parts, sparkAboveBytes) && hasBegun(work);
  }

  /** Undefined where the data turns out to be more than a function can hold. */
  const prepareHere = (work: Work): Promise<Outcome | undefined> =>
    withFolder(async (directory) => {
      const { run, parts, before } = work;
      const open = readAhead(
        parts.map(({ part }) => part),
        storage.open,
      );
      const prepared = await prepareDataset({
        data: run.specification.data,
        parts: parts.map(({ part, fresh }, index) => ({ part, fresh, open: () => open(index) })),
        directory,
        resources,
        ...(limits ? { limits } : {}),
        ...(before ? { before } : {}),
      });
      if (prepared.kind === 'rejected' && prepared.isTooLarge) return undefined;
      const save: SaveFile = (key, name) =>
        storage.writeFile(settings.artifactsBucket, key, join(directory, name));
      return conclude(run, prepared, { parts, directory, save });
    });

  /** What the job has written stays in the bucket: only what was made of it here comes from the directory. */
  const prepareInSpark = (work: Work): Promise<Outcome> =>
    withFolder(async (directory) => {
      const done = await prepareBySpark({ ...work, directory });
      if (done.kind !== 'done') return done;
      const { artifactsBucket } = settings;
      const save: SaveFile = async (key, name) =>
        existsSync(join(directory, name))
          ? storage.writeFile(artifactsBucket, key, join(directory, name))
          : storage.copy(artifactsBucket, `${done.folder}${name}`, key);
      return conclude(work.run, done.prepared, { parts: work.parts, directory, save });
    });

  const conclude = (run: RunIn<'preparing'>, prepared: Prepared, keeping: Keeping): Promise<Outcome> =>
    prepared.kind === 'rejected' ? rejected(run, prepared, keeping.save) : keep(run, prepared, keeping);

  async function rejected(
    run: RunIn<'preparing'>,
    { reason, rules, files }: Extract<Prepared, { kind: 'rejected' }>,
    save: SaveFile,
  ): Promise<Outcome> {
    if (!files.includes('quarantine.jsonl')) return { kind: 'rejected', reason };
    const aside = asideRows(rules, run.specification.data);
    const key = `datasets/${run.pipeline}/rejected/${run.runId}/quarantine.jsonl`;
    await save(key, 'quarantine.jsonl');
    const quarantine = s3Uri(settings.artifactsBucket, key);
    return { kind: 'rejected', reason, quarantine, ...(aside.length > 0 ? { aside } : {}) };
  }

  async function keep(
    run: RunIn<'preparing'>,
    { result, warnings, files }: Extract<Prepared, { kind: 'prepared' }>,
    { parts, directory, save }: Keeping,
  ): Promise<Outcome> {
    const { data } = run.specification;
    const preparation = preparationDigest(data);
    const facts = new Map(result.parts.map((fact) => [`${fact.key}\n${fact.versionId}`, fact]));
    const described = parts.map(({ part }) => {
      const fact = facts.get(`${part.key}\n${part.versionId}`);
      if (!fact) throw new Error(`The preparation says nothing of ${part.key}`);
      return { ...part, sha256: fact.sha256, rows: fact.rows, quarantined: fact.quarantined };
    });
    const version = datasetVersion(
      described.map(({ sha256 }) => sha256),
      preparation,
    );
    const folder = datasetPrefix(run.pipeline, version);
    const manifest: Manifest = {
      formatVersion: 1,
      version,
      pipeline: run.pipeline,
      preparation,
      parts: described,
      rows: result.rows,
      quarantined: result.quarantined,
      dropped: result.dropped,
      duplicates: result.duplicates,
      columns: result.features,
      undeclared: undeclaredColumns(result),
      warnings,
    };
    await writeFeaturesArchive(directory, data);
    const page = profilePage({ pipeline: run.pipeline, version, data, result, warnings });
    await writeFile(join(directory, PROFILE), page);
    for (const file of [...files, FEATURES_ARCHIVE, PROFILE]) await save(`${folder}${file}`, file);
    await storage.writeText(
      settings.artifactsBucket,
      `${folder}manifest.json`,
      JSON.stringify(manifest, null, 2),
    );
    const prefix = s3Uri(settings.artifactsBucket, folder);
    const aside = asideRows(result.rules, data);
    const dataset: DatasetRef = {
      version,
      prefix,
      rows: result.rows,
      quarantined: result.quarantined,
      ...(warnings.length > 0 ? { warnings } : {}),
      ...(aside.length > 0 ? { aside } : {}),
    };
    return { kind: 'dataset', dataset, head: { version, prefix, preparation } };
  }

  /** Compare-and-set of the dataset head: false when another run's data went in meanwhile. */
  function moveHead(pipeline: string, from: DatasetHead | undefined, to: DatasetHead): Promise<boolean> {
    return tryAgainOnConflict(async () => {
      const stored = await runs.loadPipeline(pipeline);
      if (!stored || stored.state.head?.version !== from?.version) return false;
      if (from?.version !== to.version) await runs.savePipeline(stored, { ...stored.state, head: to });
      return true;
    });
  }

  async function finish(
    stored: StoredRun<'preparing'>,
    outcome: Exclude<Outcome, { kind: 'waiting' }>,
  ): Promise<void> {
    if (outcome.kind === 'failed') {
      await runs.record(stored, { kind: 'run-failed', stage: 'preparing', reason: outcome.reason });
      return;
    }
    if (outcome.kind === 'rejected') {
      const { bySpark: _, ...told } = outcome;
      await runs.record(stored, { ...told, kind: 'data-rejected' });
      return;
    }
    const { dataset } = outcome;
    const at = new Date(now()).toISOString();
    await items.create(
      datasetKey(stored.state.pipeline, dataset.version),
      { state: { ...dataset, pipeline: stored.state.pipeline, runId: stored.state.runId, createdAt: at } },
      inList(datasetList(stored.state.pipeline), at),
    );
    await runs.record(stored, { kind: 'dataset-prepared', dataset });
  }

  /** While the work goes on, the sweep is kept away. */
  async function withHeartbeat<T>(stored: Stored<Run>, work: () => Promise<T>): Promise<T> {
    const beat = () => items.postpone(stored, { owner: 'ingest', at: now() + LEASE_MS });
    await beat();
    const timer = setInterval(() => void beat().catch(() => undefined), HEARTBEAT_MS);
    try {
      return await work();
    } finally {
      clearInterval(timer);
    }
  }

  async function work(stored: StoredRun<'preparing'>, pipeline: Pipeline): Promise<boolean> {
    const outcome = await prepare(stored.state, pipeline.head);
    // The job's state-change event calls; should it be lost, the sweep looks when the lease is over.
    if (outcome.kind === 'waiting') return true;
    if (outcome.kind === 'dataset' && !(await moveHead(pipeline.name, pipeline.head, outcome.head)))
      return false;
    await finish(stored, outcome);
    if (outcome.bySpark) await tidyWork(pipeline.name);
    return true;
  }

  /** A run that is being prepared already is not begun anew: whoever is at it would lose all its work to the new
   * version, and two that begin by turns would never end. Both prepare the same, and the first to end has done it. */
  function begin(runId: string): Promise<StoredRun<'preparing'> | undefined> {
    return tryAgainOnConflict(async () => {
      const found = await runs.loadRun(runId);
      if (!found) return undefined;
      await runs.publishLeftovers(found);
      if (found.state.phase === 'preparing') return found as StoredRun<'preparing'>;
      if (found.state.phase !== 'received') return undefined;
      return (await runs.record(found, { kind: 'preparation-started' })) as StoredRun<'preparing'>;
    });
  }

  async function toTheEnd(started: StoredRun<'preparing'>): Promise<void> {
    for (let round = 0; round < 5; round += 1) {
      const pipeline = await runs.loadPipeline(started.state.pipeline);
      if (!pipeline) throw new Error(`The pipeline ${started.state.pipeline} has no item`);
      if (await work(started, pipeline.state)) return;
    }
    throw new Error(
      `Other runs kept changing the dataset of ${started.state.pipeline}; the run is tried again`,
    );
  }

  return async (runId) => {
    const started = await begin(runId);
    if (!started) return;
    try {
      await withHeartbeat(started, () => toTheEnd(started));
    } catch (error) {
      const isDone = (await runs.loadRun(runId))?.state.phase !== 'preparing';
      if (!(error instanceof Conflict && isDone)) throw error;
    }
  };
}
