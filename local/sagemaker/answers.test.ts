/** What SDK clients drop in silence: answers are read raw and held against the SDK's own schemas of outputs. */
import * as sdk from '@aws-sdk/client-sagemaker';
import {
  BUCKET,
  eventually,
  IMAGE,
  modelArchive,
  ROLE,
  startTestCloud,
  type TestCloud,
} from './test-cloud.ts';

type Schema = readonly unknown[] | number;

/** See request.ts on the layout of schemas. */
function resolve(reference: unknown): Schema {
  const schema = typeof reference === 'function' ? reference() : reference;
  return Array.isArray(schema) && typeof schema[1] !== 'string' ? resolve(schema[0]) : schema;
}

const [TEXT, NUMBER, TIME] = [0, 1, 4];
/** In seconds: a time that was given in milliseconds lies far beyond. */
const LATEST_TIME = 1e11;

/** Each member of a value that its schema does not know, misses, or wants in another form. */
function faults(reference: unknown, value: unknown, path: string): string[] {
  const schema = resolve(reference);
  if (schema === TEXT) return typeof value === 'string' ? [] : [`${path} is no text`];
  if (schema === NUMBER) return typeof value === 'number' ? [] : [`${path} is no number`];
  if (schema === TIME) return Number(value) < LATEST_TIME ? [] : [`${path} is not in seconds`];
  if (!Array.isArray(schema)) return [];
  if (schema[0] === 1) return (value as unknown[]).flatMap((each) => faults(schema[4], each, `${path}[]`));
  return schema[0] === 3 ? faultsOfStructure(schema, value as Record<string, unknown>, path) : [];
}

function faultsOfStructure(schema: unknown[], value: Record<string, unknown>, path: string): string[] {
  const [members, types, required = 0] = schema.slice(4) as [string[], unknown[], number?];
  const unknown = Object.keys(value).filter((member) => !members.includes(member));
  const missing = members.slice(0, required).filter((member) => value[member] === undefined);
  return [
    ...unknown.map((member) => `${path}.${member} is not known`),
    ...missing.map((member) => `${path}.${member} is missing`),
    ...members.flatMap((member, at) =>
      value[member] === undefined ? [] : faults(types[at], value[member], `${path}.${member}`),
    ),
  ];
}

let cloud: TestCloud;

async function call(operation: string, input: object = {}): Promise<Record<string, unknown>> {
  const response = await fetch(cloud.url, {
    method: 'POST',
    headers: { 'x-amz-target': `SageMaker.${operation}` },
    body: JSON.stringify(input),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  expect([response.status, response.status === 200 ? '' : answer]).toEqual([200, '']);
  const [, , , , , output] = (sdk as unknown as Record<string, unknown[]>)[`${operation}$`]!;
  // A job has no artifacts before its end, whatever the schema says.
  const found = faults(output, answer, operation).filter(
    (fault) => !fault.includes('.ModelArtifacts is missing'),
  );
  expect(found).toEqual([]);
  return answer;
}

const input = {
  DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: `s3://${BUCKET}/in/` } },
};
const container = { Image: IMAGE, ModelDataUrl: `s3://${BUCKET}/model.tar.gz` };
const variant = { VariantName: 'v', ModelName: 'm', InitialInstanceCount: 1, InstanceType: 'ml.m5.large' };

beforeAll(async () => {
  cloud = await startTestCloud();
  await cloud.put('model.tar.gz', await modelArchive('m'));
  await cloud.put('in/a.csv', '1\n');
  await call('CreateModel', { ModelName: 'm', ExecutionRoleArn: ROLE, PrimaryContainer: container });
});
afterAll(() => cloud.dispose());

const until = (operation: string, name: object, member: string, status: string) =>
  eventually(async () => ((await call(operation, name))[member] === status ? true : undefined));

describe("answers and events have AWS's members", () => {
  it('of training', async () => {
    const name = { TrainingJobName: 't' };
    await call('CreateTrainingJob', {
      ...name,
      RoleArn: ROLE,
      AlgorithmSpecification: {
        TrainingImage: IMAGE,
        TrainingInputMode: 'File',
        MetricDefinitions: [{ Name: 'error', Regex: 'validation-error:(\\S+)' }],
      },
      InputDataConfig: [{ ChannelName: 'train', ...input }],
      OutputDataConfig: { S3OutputPath: `s3://${BUCKET}/o` },
      ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 1 },
      StoppingCondition: { MaxRuntimeInSeconds: 60 },
    });
    await until('DescribeTrainingJob', name, 'TrainingJobStatus', 'Completed');
    await call('ListTrainingJobs');
    const event = await eventually(() =>
      cloud.events.find(({ detail }) => detail.SecondaryStatus === 'Completed'),
    );
    expect(Object.keys(event.detail)).toEqual([
      'TrainingJobName',
      'TrainingJobArn',
      'TrainingJobStatus',
      'SecondaryStatus',
      'HyperParameters',
      'AlgorithmSpecification',
      'RoleArn',
      'InputDataConfig',
      'OutputDataConfig',
      'ResourceConfig',
      'VpcConfig',
      'StoppingCondition',
      'CreationTime',
      'TrainingStartTime',
      'TrainingEndTime',
      'LastModifiedTime',
      'SecondaryStatusTransitions',
      'Tags',
    ]);
  });

  it('of models, configurations and endpoints', async () => {
    await call('DescribeModel', { ModelName: 'm' });
    await call('ListModels');
    const capture = {
      EnableCapture: true,
      InitialSamplingPercentage: 100,
      DestinationS3Uri: `s3://${BUCKET}/captures`,
      CaptureOptions: [{ CaptureMode: 'Input' }],
    };
    const config = { EndpointConfigName: 'c' };
    await call('CreateEndpointConfig', {
      ...config,
      ProductionVariants: [variant],
      DataCaptureConfig: capture,
    });
    await call('DescribeEndpointConfig', config);
    await call('ListEndpointConfigs');
    const name = { EndpointName: 'e' };
    await call('CreateEndpoint', { ...name, ...config });
    await until('DescribeEndpoint', name, 'EndpointStatus', 'InService');
    await call('ListEndpoints');
    await call('ListTags', { ResourceArn: 'arn:aws:sagemaker:us-east-1:000000000000:endpoint/e' });
    const event = await eventually(() =>
      cloud.events.find(({ detail }) => detail.EndpointStatus === 'IN_SERVICE'),
    );
    expect(event.detail).toEqual({
      EndpointName: 'e',
      EndpointArn: 'arn:aws:sagemaker:us-east-1:000000000000:endpoint/e',
      EndpointConfigName: 'c',
      ProductionVariants: [{ DesiredWeight: 1, DesiredInstanceCount: 1 }],
      EndpointStatus: 'IN_SERVICE',
      CreationTime: expect.any(Number),
      LastModifiedTime: expect.any(Number),
      Tags: {},
    });
  });

  it('of batches', async () => {
    const name = { TransformJobName: 'b' };
    await call('CreateTransformJob', {
      ...name,
      ModelName: 'm',
      TransformInput: input,
      TransformOutput: { S3OutputPath: `s3://${BUCKET}/out` },
      TransformResources: { InstanceType: 'ml.m5.large', InstanceCount: 1 },
    });
    await until('DescribeTransformJob', name, 'TransformJobStatus', 'Completed');
    await call('ListTransformJobs');
    const event = await eventually(() =>
      cloud.events.find(({ detail }) => detail.TransformJobStatus === 'Completed'),
    );
    expect(Object.keys(event.detail)).toEqual([
      'TransformJobName',
      'TransformJobArn',
      'TransformJobStatus',
      'ModelName',
      'MaxConcurrentTransforms',
      'MaxPayloadInMB',
      'BatchStrategy',
      'Environment',
      'TransformInput',
      'TransformOutput',
      'TransformResources',
      'CreationTime',
      'TransformStartTime',
      'TransformEndTime',
      'Tags',
    ]);
  });
});
