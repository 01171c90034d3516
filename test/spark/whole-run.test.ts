/** From a dropped file to a trained model, its data prepared by Spark: through the packaged services, their roles and
 * their rules, of a stage whose functions hold nothing larger than a thousand bytes. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { ListProcessingJobsCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { packageService } from '../../cli/package-service.ts';
import { points, pointsCsv } from '../e2e/support/specifications.ts';
import { createStory } from '../e2e/support/story.ts';
import { STAGE, startTestCloud, type TestCloud } from '../e2e/support/test-cloud.ts';
import { describeWith } from '../support/outside-client.ts';
import { sparkPython } from './support/spark.ts';

const TEMPLATE = 'cloudformation-template-update-stack.json';

interface FunctionResource {
  readonly Properties: { Environment?: { Variables: Record<string, unknown> } };
}

/** A copy of the package whose functions send all but the smallest data to Spark. */
async function packageForSpark(): Promise<string> {
  const copy = mkdtempSync(join(tmpdir(), 'ratchet-spark-package-'));
  cpSync(await packageService(STAGE), copy, { recursive: true });
  const file = join(copy, TEMPLATE);
  const template = JSON.parse(readFileSync(file, 'utf8')) as { Resources: Record<string, FunctionResource> };
  for (const { Properties } of Object.values(template.Resources)) {
    const variables = Properties?.Environment?.Variables;
    if (variables && 'SPARK_ABOVE_BYTES' in variables) variables.SPARK_ABOVE_BYTES = '1000';
  }
  writeFileSync(file, JSON.stringify(template));
  return copy;
}

describeWith(sparkPython(), 'a run whose data a function cannot hold', () => {
  let packageDir: string;
  let cloud: TestCloud;

  beforeAll(async () => {
    packageDir = await packageForSpark();
    cloud = await startTestCloud({ packageDir });
    await cloud.api.send('PUT', '/v1/pipelines/points', JSON.stringify(points()));
  });
  afterAll(async () => {
    await cloud?.close();
    if (packageDir) rmSync(packageDir, { recursive: true, force: true });
  });

  it('goes on with what Spark has prepared', async () => {
    await cloud.drop('incoming/points/table.csv', pointsCsv(600, 1));
    const story = createStory(cloud.api, 'points');
    const run = await story.until('its model to be trained', 240, async () => {
      const [only] = await story.runs();
      if (!only) return undefined;
      const phases = await story.phases(only.runId);
      return phases.some((phase) => ['evaluating', 'failed', 'rejected'].includes(phase)) ? only : undefined;
    });
    expect(await story.phases(run.runId)).toEqual(
      expect.arrayContaining(['preparing', 'prepared', 'training', 'evaluating']),
    );

    const sagemaker = new SageMakerClient(cloud.sageMaker);
    const { ProcessingJobSummaries } = await sagemaker.send(new ListProcessingJobsCommand());
    sagemaker.destroy();
    expect(ProcessingJobSummaries).toMatchObject([{ ProcessingJobStatus: 'Completed' }]);
    const Key = `datasets/points/${run.dataset}/result.json`;
    const { Body } = await cloud.s3.send(new GetObjectCommand({ Bucket: cloud.info.artifactsBucket, Key }));
    expect(JSON.parse(await Body!.transformToString())).toMatchObject({ kind: 'prepared', engine: 'spark' });

    // What the job has worked with is gone with all its versions.
    const work = { Bucket: cloud.info.artifactsBucket, Prefix: 'datasets/points/work/' };
    const left = await story.until('the work to be removed', 60, async () => {
      const { Versions = [], DeleteMarkers = [] } = await cloud.s3.send(new ListObjectVersionsCommand(work));
      return Versions.length + DeleteMarkers.length === 0 ? 'nothing' : undefined;
    });
    expect(left).toBe('nothing');
  });
});
