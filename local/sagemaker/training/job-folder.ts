import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrainingJob } from './job.ts';

// The toolkits of AWS's containers wait until every host name resolves: this one does everywhere.
const HOST = 'localhost';

/** A fresh `/opt/ml` for a job: config files written, folders for data and outputs empty. */
export async function layOutJob(job: TrainingJob, folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  for (const each of ['input/config', 'input/data', 'model', 'output/data', 'checkpoints', 'code']) {
    await mkdir(join(folder, each), { recursive: true });
  }
  const write = (name: string, value: unknown) =>
    writeFile(join(folder, 'input/config', `${name}.json`), JSON.stringify(value));
  await write('hyperparameters', job.request.HyperParameters ?? {});
  await write('inputdataconfig', inputDataConfig(job));
  await write('resourceconfig', resourceConfig(job));
}

function inputDataConfig(job: TrainingJob): Record<string, unknown> {
  const channels = (job.request.InputDataConfig ?? []).map((channel) => [
    channel.ChannelName,
    {
      ...(channel.ContentType === undefined ? {} : { ContentType: channel.ContentType }),
      TrainingInputMode: channel.InputMode ?? job.request.AlgorithmSpecification.TrainingInputMode,
      S3DistributionType: channel.DataSource.S3DataSource?.S3DataDistributionType ?? 'FullyReplicated',
      RecordWrapperType: channel.RecordWrapperType ?? 'None',
    },
  ]);
  return Object.fromEntries(channels);
}

function resourceConfig(job: TrainingJob): Record<string, unknown> {
  const instance = job.request.ResourceConfig?.InstanceType ?? 'ml.m5.large';
  return {
    current_host: HOST,
    current_instance_type: instance,
    current_group_name: 'homogeneousCluster',
    hosts: [HOST],
    instance_groups: [{ instance_group_name: 'homogeneousCluster', instance_type: instance, hosts: [HOST] }],
    network_interface_name: 'lo',
  };
}

/** The first 1,024 characters of `output/failure`, where the program has written one. */
export async function failureText(folder: string): Promise<string | undefined> {
  const text = await readFile(join(folder, 'output/failure'), 'utf8').catch(() => '');
  return text.trim().slice(0, 1024) || undefined;
}
