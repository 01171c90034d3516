import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { invalid } from '../request.ts';
import type { ProcessingInput, ProcessingJob, ProcessingOutput } from './job.ts';

const OPT_ML = '/opt/ml/';
const HOST = 'algo-1';
const MESSAGE_BYTES = 1024;

/** Where a path of the container lies in a job's folder, which stands for `/opt/ml`. Throws ValidationException for
 * a path outside it. */
export function inFolder(path: string, folder: string): string {
  if (!path.startsWith(OPT_ML) || path.includes('\0') || path.split('/').includes('..'))
    throw invalid(`LocalPath must lie under ${OPT_ML} in the embedded cloud: ${path}`);
  return join(folder, path.slice(OPT_ML.length));
}

/** The words of a program's command with paths under `/opt/ml` as they are on this machine. */
export const localWords = (words: readonly string[] = [], folder: string) =>
  words.map((word) => (word.startsWith(OPT_ML) ? inFolder(word, folder) : word));

/** A fresh `/opt/ml` for a job: config files written, folders for data and outputs empty. */
export async function layOutJob(job: ProcessingJob, folder: string): Promise<void> {
  const { ProcessingInputs = [], ProcessingOutputConfig } = job.request;
  const paths = [
    ...ProcessingInputs.map((input) => input.S3Input?.LocalPath),
    ...(ProcessingOutputConfig?.Outputs ?? []).map((output) => output.S3Output?.LocalPath),
  ];
  await rm(folder, { recursive: true, force: true });
  const local = paths.filter((path) => path !== undefined).map((path) => inFolder(path, folder));
  for (const each of [join(folder, 'config'), join(folder, 'output'), join(folder, 'processing'), ...local])
    await mkdir(each, { recursive: true });
  const write = (name: string, value: unknown) =>
    writeFile(join(folder, 'config', `${name}.json`), JSON.stringify(value));
  await write('processingjobconfig', jobConfig(job));
  await write('resourceconfig', { current_host: HOST, hosts: [HOST] });
}

/** `processingjobconfig.json`: the request with AWS's defaults and nulls filled in. */
function jobConfig({ name, arn, request }: ProcessingJob): Record<string, unknown> {
  const { AppSpecification: app, ProcessingResources, StoppingCondition } = request;
  return {
    ProcessingJobArn: arn,
    ProcessingJobName: name,
    AppSpecification: {
      ImageUri: app.ImageUri,
      ContainerEntrypoint: app.ContainerEntrypoint ?? null,
      ContainerArguments: app.ContainerArguments ?? null,
    },
    Environment: request.Environment ?? {},
    ProcessingInputs: (request.ProcessingInputs ?? []).map(inputConfig),
    ProcessingOutputConfig: {
      Outputs: (request.ProcessingOutputConfig?.Outputs ?? []).map(outputConfig),
      KmsKeyId: null,
    },
    ProcessingResources,
    RoleArn: request.RoleArn,
    StoppingCondition: StoppingCondition ?? { MaxRuntimeInSeconds: DEFAULT_RUNTIME_S },
  };
}

const inputConfig = ({ InputName, AppManaged = false, S3Input }: ProcessingInput) => ({
  InputName,
  AppManaged,
  S3Input: {
    S3DataDistributionType: 'FullyReplicated',
    S3InputMode: 'File',
    S3CompressionType: 'None',
    ...S3Input,
  },
  DatasetDefinition: null,
});

const outputConfig = ({ OutputName, AppManaged = false, S3Output }: ProcessingOutput) => ({
  OutputName,
  AppManaged,
  S3Output,
  FeatureStoreOutput: null,
});

/** For how long a job may run that does not say. */
export const DEFAULT_RUNTIME_S = 86_400;

/** The first KB of `output/message`, where the program has written one. */
export async function exitMessage(folder: string): Promise<string | undefined> {
  await using file = await open(join(folder, 'output/message')).catch(() => undefined);
  if (!file) return undefined;
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(MESSAGE_BYTES) });
  // A character cut in two at the end is left out.
  return new TextDecoder().decode(buffer.subarray(0, bytesRead), { stream: true }).trim() || undefined;
}
