/** A full window is read again, judged and kept: its report, its own item in the pipeline's list, its verdict. */
import { inList, windowList } from '../../shared/aws/keys.ts';
import { s3Uri } from '../../shared/contracts/s3-uri.ts';
import { log } from '../../shared/runtime/log.ts';
import type { RequestColumns } from '../../shared/serving/request-columns.ts';
import type { CaptureLine } from './capture-records.ts';
import { closedWindow, type Reading, unjudged } from './closed-window.ts';
import type { FactFinder } from './facts.ts';
import type { Monitor } from './monitor.ts';
import { captureKey, windowReportKey } from './object-names.ts';
import type { MonitoringPorts } from './ports.ts';
import { readCaptures } from './read-captures.ts';
import { UnusableDataset } from './reference.ts';
import { type ClosingWindow, placesOf } from './window.ts';
import { type DriftSpecification, WindowHistograms, type WindowStatistics } from './window-statistics.ts';

export interface JudgedWindow {
  readonly statistics: WindowStatistics;
  readonly report: string;
}

/** Judging the same window again writes the same: its id names report and item. */
export function buildJudgeWindow(ports: MonitoringPorts, facts: FactFinder) {
  const { objects, items, settings } = ports;
  const bucket = settings.artifactsBucket;

  async function measureOf(
    pipeline: string,
    { id, model }: ClosingWindow,
  ): Promise<Measure | UnusableDataset> {
    try {
      const { columns, observer } = await facts.asked(pipeline, model);
      return { columns, histograms: new WindowHistograms(await facts.reference(pipeline, model), observer) };
    } catch (error) {
      if (!(error instanceof UnusableDataset)) throw error;
      log.error('A window cannot be judged', error, { pipeline, window: id });
      return error;
    }
  }

  async function read(pipeline: string, window: ClosingWindow, drift: DriftSpecification): Promise<Reading> {
    const measure = await measureOf(pipeline, window);
    if (measure instanceof UnusableDataset) return unjudged(measure.message);
    const { columns, histograms } = measure;
    const seen: Seen = { from: '', to: '', unreadable: 0 };
    const missing: string[] = [];
    for (const place of placesOf(window)) {
      const key = captureKey(settings.stage, { pipeline, model: window.model, place });
      const isThere = await readCaptures(objects, { bucket, key }, columns, (record) =>
        take(record, histograms, seen),
      );
      if (!isThere) missing.push(key);
    }
    const statistics = histograms.judge(drift);
    const reason = statistics.verdict === 'inconclusive' ? whyNot(statistics) : undefined;
    return { ...seen, missing, statistics, ...(reason ? { reason } : {}) };
  }

  return async (state: Monitor, window: ClosingWindow, drift: DriftSpecification): Promise<JudgedWindow> => {
    const { pipeline } = state;
    const reading = await read(pipeline, window, drift);
    const key = windowReportKey(pipeline, window.id);
    const report = s3Uri(bucket, key);
    const shown = closedWindow(pipeline, window, reading, report);
    const { statistics, unreadable, missing } = reading;
    await objects.writeJson(
      { bucket, key },
      {
        ...shown,
        formatVersion: 1,
        specification: drift,
        unreadable,
        missing,
        unusable: statistics.unusable,
        captures: placesOf(window),
        statistics: statistics.features,
      },
    );
    const itemKey = { pk: `PIPELINE#${pipeline}`, sk: `WINDOW#${window.id}` };
    await items.create(
      itemKey,
      { state: shown },
      inList(windowList(pipeline), `${shown.closedAt}#${window.id}`),
    );
    return { statistics, report };
  };
}

interface Measure {
  readonly columns: RequestColumns;
  readonly histograms: WindowHistograms;
}

const whyNot = ({ rows, features }: WindowStatistics): string =>
  features.length === 0
    ? 'no column of the requests has a reference'
    : `${rows} usable records are too few to judge`;

interface Seen {
  from: string;
  to: string;
  unreadable: number;
}

function take(record: CaptureLine, histograms: WindowHistograms, seen: Seen): void {
  if (record.kind === 'unreadable') seen.unreadable += 1;
  if (record.kind !== 'inference') return;
  const { time, records } = record.inference;
  if (time && (!seen.from || time < seen.from)) seen.from = time;
  if (time > seen.to) seen.to = time;
  for (const one of records) histograms.add(one);
}
