/** Which objects the service reads and writes, by key. */
import { endpointName, modelName, PIPELINE_NAME, pipelineOfRun } from '../../shared/contracts/names.ts';

/** A capture object. `place` is what follows its variant: `yyyy/mm/dd/hh/<name>.jsonl`. */
export interface CaptureObject {
  readonly pipeline: string;
  readonly model: string;
  readonly place: string;
}

const CAPTURE = /^captures\/([^/]+)\/([^/]+)\/(\d{4}\/\d{2}\/\d{2}\/\d{2}\/[^/]+\.jsonl)$/;
const pipelineName = new RegExp(PIPELINE_NAME);

/** Undefined when the key is no capture of one of this stage's endpoints. */
export function parseCaptureKey(stage: string, key: string): CaptureObject | undefined {
  const match = CAPTURE.exec(key);
  if (!match) return undefined;
  const [, endpoint, model, place] = match as unknown as [string, string, string, string];
  const pipeline = endpoint.slice(endpointName(stage, '').length);
  const isOurs = pipelineName.test(pipeline) && endpoint === endpointName(stage, pipeline);
  return isOurs ? { pipeline, model, place } : undefined;
}

/** Where the captures of a pipeline lie: `captures/<endpoint>/`. */
export const capturePrefix = (stage: string, pipeline: string): string =>
  `captures/${endpointName(stage, pipeline)}/`;

export const captureKey = (stage: string, { pipeline, model, place }: CaptureObject): string =>
  `${capturePrefix(stage, pipeline)}${model}/${place}`;

/** The pipeline that ground truth was dropped for; undefined when the key is none. */
export function pipelineOfGroundTruth(key: string): string | undefined {
  const [folder, pipeline, name] = key.split('/', 3);
  const isOne =
    folder === 'ground-truth' && pipeline && name && pipelineName.test(pipeline) && !key.endsWith('/');
  return isOne ? pipeline : undefined;
}

/** The run that a model is named after; undefined when the name is none of this stage's. */
export function runOfModel(stage: string, model: string): string | undefined {
  const runId = model.slice(modelName(stage, '').length);
  return modelName(stage, runId) === model && pipelineOfRun(runId) ? runId : undefined;
}

export const windowReportKey = (pipeline: string, window: string): string =>
  `reports/${pipeline}/windows/${window}.json`;

export const groundTruthReportKey = (pipeline: string, drop: string, report: string): string =>
  `reports/${pipeline}/ground-truth/${drop}/${report}.json`;

export const labelledKey = (pipeline: string, part: string): string =>
  `datasets/${pipeline}/labelled/${part}.csv`;
