/** Waiting ground truth looks for its inferences among the captures. */
import { parseS3Uri, s3Uri } from '../../shared/contracts/s3-uri.ts';
import { log } from '../../shared/runtime/log.ts';
import type { Asked, FactFinder } from './facts.ts';
import { buildFindInferences } from './find-inferences.ts';
import { type GroundTruthReport, writeGroundTruthReport } from './ground-truth-report.ts';
import { joinLabels, type LabelledRow } from './join.ts';
import { headerHash, headerOf, labelledContent } from './labelled-rows.ts';
import { type JoinOutcome, PATIENCE_MS } from './labels.ts';
import type { Episode, LabelDrop } from './monitor.ts';
import { labelledKey } from './object-names.ts';
import type { MonitoringPorts } from './ports.ts';
import { UnusableDataset } from './reference.ts';
import type { LabelledPart } from './retraining.ts';

/** Labels are joined all the same where nobody knows the columns. */
const NO_COLUMNS = { names: [], target: -1 };

export function buildJoinDrops(ports: MonitoringPorts, facts: FactFinder) {
  const { objects, settings, now } = ports;
  const find = buildFindInferences(ports);
  const bucket = settings.artifactsBucket;

  /** Rows of models that are asked with the same columns as the champion is. */
  async function comparable(
    pipeline: string,
    rows: readonly LabelledRow[],
    { columns }: Asked,
  ): Promise<readonly LabelledRow[]> {
    const header = headerOf(columns);
    const same = new Set<string>();
    for (const model of new Set(rows.map((row) => row.model))) {
      const own = await askedOf(facts, pipeline, model);
      if (own && headerOf(own.columns) === header) same.add(model);
    }
    return rows.filter(({ model }) => same.has(model));
  }

  /** Writes the rows that a training can use as a labelled object; undefined when there are none. */
  async function keep(
    pipeline: string,
    rows: readonly LabelledRow[],
    asked: Asked,
  ): Promise<LabelledPart | undefined> {
    const content = labelledContent(asked.columns, asked.labels, await comparable(pipeline, rows, asked));
    if (!content) return undefined;
    const key = labelledKey(pipeline, content.part.name);
    await objects.writeLines({ bucket, key }, streamed(content.lines));
    return content.part;
  }

  return async (
    pipeline: string,
    drops: readonly LabelDrop[],
    episode: Episode,
  ): Promise<readonly JoinOutcome[]> => {
    const scannedAt = now();
    const reports = await Promise.all(
      drops.map(async ({ report }) => (await objects.json(parseS3Uri(report))) as GroundTruthReport),
    );
    const wanted = new Set(reports.flatMap(({ unmatched }) => unmatched.map(({ id }) => id)));
    const since = Math.min(...drops.map((drop) => drop.scannedAt ?? drop.receivedAt - PATIENCE_MS));
    const asked = await askedOf(facts, pipeline, episode.model);
    const columns = asked?.columns ?? NO_COLUMNS;
    const index = await find(pipeline, wanted, { since, columns });
    const header = asked ? headerHash(columns) : '';

    async function settle(drop: LabelDrop, before: GroundTruthReport): Promise<JoinOutcome> {
      const { rows, matched, unmatched, mismatched } = joinLabels(before.unmatched, index);
      const kept = asked && (await keep(pipeline, rows, asked));
      const report = await writeGroundTruthReport(ports, pipeline, drop.id, {
        ...before,
        matched: before.matched + matched,
        mismatched: [...before.mismatched, ...mismatched],
        unusable: before.unusable + rows.length - (kept?.rows ?? 0),
        parts: kept ? [...before.parts, s3Uri(bucket, labelledKey(pipeline, kept.name))] : before.parts,
        unmatched,
      });
      const counts = { matched, unmatched: unmatched.length, mismatched: mismatched.length };
      return { drop, ...counts, rows, report, header, scannedAt, ...(kept ? { part: kept } : {}) };
    }

    const outcomes: JoinOutcome[] = [];
    for (const [i, drop] of drops.entries())
      outcomes.push(await settle(drop, reports[i] as GroundTruthReport));
    return outcomes;
  };
}

async function askedOf(facts: FactFinder, pipeline: string, model: string): Promise<Asked | undefined> {
  try {
    return await facts.asked(pipeline, model);
  } catch (error) {
    if (!(error instanceof UnusableDataset)) throw error;
    log.error('Labelled rows cannot be kept for training', error, { pipeline, model });
    return undefined;
  }
}

async function* streamed(lines: readonly string[]): AsyncIterable<string> {
  yield* lines;
}
