import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DeleteEndpointCommand,
  DeleteEndpointConfigCommand,
  DeleteModelCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  ListEndpointsCommand,
  type ProductionVariant,
  UpdateEndpointCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
  waitUntilEndpointInService,
} from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand, type InvokeEndpointCommandInput } from '@aws-sdk/client-sagemaker-runtime';
import {
  BUCKET,
  eventually,
  IMAGE,
  modelArchive,
  ROLE,
  startTestCloud,
  type TestCloud,
} from '../test-cloud.ts';

let cloud: TestCloud;
let draw = 0;

beforeAll(async () => {
  cloud = await startTestCloud({ random: () => draw });
  for (const name of ['champion', 'challenger', 'broken']) await createModel(name);
  await createConfig('one', [variant('champion', 1)]);
  await createConfig('two', [variant('champion', 0.9), variant('challenger', 0.1)]);
  await createConfig('bad', [variant('champion', 0.9), variant('broken', 0.1)]);
});
afterAll(() => cloud.dispose());

const send: TestCloud['sagemaker']['send'] = ((command: never) => cloud.sagemaker.send(command)) as never;

async function createModel(name: string): Promise<void> {
  await cloud.put(`models/${name}/model.tar.gz`, await modelArchive(name));
  const PrimaryContainer = {
    Image: IMAGE,
    ModelDataUrl: `s3://${BUCKET}/models/${name}/model.tar.gz`,
    Environment: { GREETING: 'hello' },
  };
  await send(new CreateModelCommand({ ModelName: name, ExecutionRoleArn: ROLE, PrimaryContainer }));
}

function variant(name: string, weight: number): ProductionVariant {
  return {
    VariantName: name,
    ModelName: name,
    InitialInstanceCount: 1,
    InstanceType: 'ml.m5.large',
    InitialVariantWeight: weight,
  };
}

const createConfig = (name: string, variants: ProductionVariant[]) =>
  send(new CreateEndpointConfigCommand({ EndpointConfigName: name, ProductionVariants: variants }));
const describeEndpoint = (name: string) => send(new DescribeEndpointCommand({ EndpointName: name }));
const inService = (name: string) =>
  waitUntilEndpointInService(
    { client: cloud.sagemaker, maxWaitTime: 20, minDelay: 0.02, maxDelay: 0.05 } as never,
    { EndpointName: name },
  );
const update = (name: string, config: string) =>
  send(new UpdateEndpointCommand({ EndpointName: name, EndpointConfigName: config }));

async function createEndpoint(name: string, config: string): Promise<void> {
  await send(new CreateEndpointCommand({ EndpointName: name, EndpointConfigName: config }));
  await inService(name);
}

async function invoke(name: string, body: string, more: Partial<InvokeEndpointCommandInput> = {}) {
  const answer = await cloud.runtime.send(
    new InvokeEndpointCommand({ EndpointName: name, Body: body, ContentType: 'text/csv', ...more }),
  );
  return {
    text: Buffer.from(answer.Body).toString(),
    variant: answer.InvokedProductionVariant,
    type: answer.ContentType,
    attributes: answer.CustomAttributes,
  };
}

const weightsOf = async (name: string) =>
  Object.fromEntries(
    (await describeEndpoint(name)).ProductionVariants?.map((each) => [
      each.VariantName,
      each.CurrentWeight,
    ]) ?? [],
  );

describe('an endpoint', () => {
  it('is created, answers, and is deleted', async () => {
    const created = await send(
      new CreateEndpointCommand({ EndpointName: 'first', EndpointConfigName: 'one' }),
    );
    expect(created.EndpointArn).toBe('arn:aws:sagemaker:us-east-1:000000000000:endpoint/first');
    expect(await describeEndpoint('first')).toMatchObject({ EndpointStatus: 'Creating' });
    await expect(update('first', 'two')).rejects.toMatchObject({
      name: 'ValidationException',
      message:
        'Cannot update in-progress endpoint "arn:aws:sagemaker:us-east-1:000000000000:endpoint/first".',
    });
    await inService('first');
    expect(await describeEndpoint('first')).toMatchObject({
      EndpointStatus: 'InService',
      EndpointConfigName: 'one',
      ProductionVariants: [
        {
          VariantName: 'champion',
          CurrentWeight: 1,
          DesiredWeight: 1,
          CurrentInstanceCount: 1,
          DesiredInstanceCount: 1,
          DeployedImages: [{ SpecifiedImage: IMAGE, ResolvedImage: IMAGE, ResolutionTime: expect.any(Date) }],
        },
      ],
    });
    expect(await invoke('first', '1,2', { Accept: 'application/json', CustomAttributes: 'a=b' })).toEqual({
      text: 'champion:1,2',
      variant: 'champion',
      type: 'application/json',
      attributes: 'a=b',
    });
    expect(JSON.parse((await invoke('first', 'env')).text)).toMatchObject({ GREETING: 'hello' });
    await send(new DeleteEndpointCommand({ EndpointName: 'first' }));
    await eventually(() =>
      describeEndpoint('first').then(
        () => undefined,
        (error: Error) => error,
      ),
    ).then((error) =>
      expect(error).toMatchObject({
        name: 'ValidationException',
        message: 'Could not find endpoint "arn:aws:sagemaker:us-east-1:000000000000:endpoint/first".',
      }),
    );
    await expect(invoke('first', '1')).rejects.toMatchObject({
      message: 'Endpoint first of account 000000000000 not found.',
    });
    const told = cloud.events
      .filter((event) => event.detail.EndpointName === 'first')
      .map((event) => event.detail.EndpointStatus);
    expect(told).toEqual(['CREATING', 'IN_SERVICE', 'DELETING']);
  });

  it('takes a second variant by an update, moves weights, and keeps the first process', async () => {
    await createEndpoint('canary', 'one');
    const { text: pid } = await invoke('canary', 'pid');
    await update('canary', 'two');
    expect(await describeEndpoint('canary')).toMatchObject({
      EndpointStatus: 'Updating',
      EndpointConfigName: 'one',
      PendingDeploymentSummary: { EndpointConfigName: 'two' },
    });
    expect((await invoke('canary', '1')).text).toBe('champion:1');
    await inService('canary');
    expect((await describeEndpoint('canary')).EndpointConfigName).toBe('two');
    expect((await invoke('canary', 'pid', { TargetVariant: 'champion' })).text).toBe(pid);

    draw = 0.89;
    expect((await invoke('canary', '1')).variant).toBe('champion');
    draw = 0.91;
    expect((await invoke('canary', '1')).variant).toBe('challenger');
    expect((await invoke('canary', '1', { TargetVariant: 'champion' })).variant).toBe('champion');
    await expect(invoke('canary', '1', { TargetVariant: 'nobody' })).rejects.toMatchObject({
      name: 'ValidationError',
    });

    const weights = {
      EndpointName: 'canary',
      DesiredWeightsAndCapacities: [
        { VariantName: 'challenger', DesiredWeight: 1 },
        { VariantName: 'champion', DesiredWeight: 0 },
      ],
    };
    await send(new UpdateEndpointWeightsAndCapacitiesCommand(weights));
    await inService('canary');
    expect(await weightsOf('canary')).toEqual({ champion: 0, challenger: 1 });
    expect((await describeEndpoint('canary')).EndpointConfigName).toBe('two');
    draw = 0;
    expect((await invoke('canary', '1')).variant).toBe('challenger');
    draw = 0;
  });

  it('goes back to its old configuration when the new one is not healthy', async () => {
    await createEndpoint('cautious', 'one');
    await update('cautious', 'bad');
    await inService('cautious');
    const after = await describeEndpoint('cautious');
    expect(after).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: 'one' });
    expect(after.FailureReason).toMatch(/^The primary container for production variant broken did not pass/);
    expect((await invoke('cautious', '1')).text).toBe('champion:1');
    await update('cautious', 'two');
    expect((await describeEndpoint('cautious')).FailureReason).toBeUndefined();
    await inService('cautious');
  });

  it('fails to be created with the reason, and can then only be deleted', async () => {
    await send(new CreateEndpointCommand({ EndpointName: 'unlucky', EndpointConfigName: 'bad' }));
    const failed = await eventually(async () => {
      const endpoint = await describeEndpoint('unlucky');
      return endpoint.EndpointStatus === 'Failed' ? endpoint : undefined;
    });
    expect(failed.FailureReason).toMatch(
      /^The primary container for production variant broken did not pass the ping health check/,
    );
    await expect(update('unlucky', 'one')).rejects.toMatchObject({ name: 'ValidationException' });
    await send(new DeleteEndpointCommand({ EndpointName: 'unlucky' }));
    await eventually(() =>
      describeEndpoint('unlucky').then(
        () => undefined,
        () => true,
      ),
    );
  });

  it('answers requests under way from the old fleet before it ends', async () => {
    await createEndpoint('busy', 'one');
    await createConfig('other', [variant('challenger', 1)]);
    const slow = invoke('busy', 'slow');
    await update('busy', 'other');
    await inService('busy');
    expect((await invoke('busy', '1')).text).toBe('challenger:1');
    expect((await slow).text).toBe('slow answer');
  });

  it('survives the death of its program', async () => {
    await createEndpoint('mortal', 'one');
    const { text: before } = await invoke('mortal', 'pid');
    await expect(invoke('mortal', 'die')).rejects.toMatchObject({
      name: 'ModelError',
      $metadata: { httpStatusCode: 424 },
    });
    const after = await eventually(() =>
      invoke('mortal', 'pid').then(
        (answer) => answer.text,
        () => undefined,
      ),
    );
    expect(after).not.toBe(before);
  });

  it('passes a request through the containers of an inference pipeline', async () => {
    const container = (name: string) => ({
      Image: IMAGE,
      ModelDataUrl: `s3://${BUCKET}/models/${name}/model.tar.gz`,
    });
    const Containers = [container('champion'), container('challenger')];
    await send(new CreateModelCommand({ ModelName: 'chain', ExecutionRoleArn: ROLE, Containers }));
    await createConfig('chain', [variant('chain', 1)]);
    await createEndpoint('chain', 'chain');
    expect((await invoke('chain', '1')).text).toBe('challenger:champion:1');
  });
});

describe('InvokeEndpoint', () => {
  beforeAll(() => createEndpoint('asked', 'one'));

  it('tells a bad answer of the model as a ModelError', async () => {
    await expect(invoke('asked', 'refuse')).rejects.toMatchObject({
      name: 'ModelError',
      OriginalStatusCode: 400,
      OriginalMessage: 'bad features',
      LogStreamArn: 'arn:aws:logs:us-east-1:000000000000:log-group:/aws/sagemaker/Endpoints/asked',
      message: expect.stringMatching(
        /^Received client error \(400\) from primary with message "bad features"\./,
      ),
    });
  });

  it('measures each invocation', async () => {
    cloud.metrics.length = 0;
    await invoke('asked', '1');
    await invoke('asked', 'refuse').catch(() => undefined);
    const sum = (name: string) =>
      cloud.metrics
        .filter((metric) => metric.name === name)
        .reduce((total, metric) => total + metric.value, 0);
    expect([
      sum('Invocations'),
      sum('Invocation4XXErrors'),
      sum('Invocation5XXErrors'),
      sum('InvocationModelErrors'),
    ]).toEqual([2, 1, 0, 1]);
    expect(sum('ModelLatency')).toBeGreaterThan(0);
    expect(cloud.metrics[0]).toMatchObject({
      namespace: 'AWS/SageMaker',
      dimensions: { EndpointName: 'asked', VariantName: 'champion' },
    });
  });

  it('refuses a body over 6 MiB and takes one of just that', async () => {
    await expect(invoke('asked', 'x'.repeat(6_291_457))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 413 },
    });
    expect((await invoke('asked', 'x'.repeat(6_291_456))).text).toHaveLength(6_291_456 + 'champion:'.length);
  });

  it('refuses an inference id over 64 characters and an endpoint that is not there', async () => {
    await expect(invoke('asked', '1', { InferenceId: 'x'.repeat(65) })).rejects.toMatchObject({
      name: 'ValidationError',
    });
    await expect(invoke('no/body', '1')).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'Endpoint no/body of account 000000000000 not found.',
    });
  });
});

describe('models and endpoint configurations', () => {
  const arn = (rest: string) => `arn:aws:sagemaker:us-east-1:000000000000:${rest}`;

  it.each([
    [
      'a model twice',
      () => createModel('champion'),
      `Cannot create already existing model "${arn('model/champion')}".`,
    ],
    [
      'a configuration twice',
      () => createConfig('one', [variant('champion', 1)]),
      `Cannot create already existing endpoint configuration "${arn('endpoint-config/one')}".`,
    ],
    [
      'an endpoint twice',
      () => createEndpoint('asked', 'one'),
      `Cannot create already existing endpoint "${arn('endpoint/asked')}".`,
    ],
    [
      'a configuration of a model that is not there',
      () => createConfig('x', [variant('nobody', 1)]),
      `Could not find model "${arn('model/nobody')}".`,
    ],
    [
      'an endpoint of a configuration that is not there',
      () => createEndpoint('x', 'nobody'),
      `Could not find endpoint configuration "${arn('endpoint-config/nobody')}".`,
    ],
    [
      'a variant name twice',
      () => createConfig('x', [variant('champion', 1), variant('champion', 1)]),
      'Variant names must be unique within an endpoint configuration.',
    ],
    [
      'a configuration without weight',
      () => createConfig('x', [variant('champion', 0)]),
      'At least one production variant must have a weight greater than 0.',
    ],
    [
      'deleting a model that is not there',
      () => send(new DeleteModelCommand({ ModelName: 'nobody' })),
      `Could not find model "${arn('model/nobody')}".`,
    ],
  ])('refuses %s', async (_, act, message) => {
    await expect(act()).rejects.toMatchObject({ name: 'ValidationException', message });
  });

  it('refuses a model of an unknown image', async () => {
    const PrimaryContainer = { Image: IMAGE.replace('test', 'other') };
    await expect(
      send(new CreateModelCommand({ ModelName: 'x', ExecutionRoleArn: ROLE, PrimaryContainer })),
    ).rejects.toMatchObject({
      name: 'ValidationException',
      message: `Requested image ${PrimaryContainer.Image} not found.`,
    });
  });

  it('may be deleted while the endpoint serves', async () => {
    await createModel('brief');
    await createConfig('brief', [variant('brief', 1)]);
    await createEndpoint('lasting', 'brief');
    expect(await send(new DescribeEndpointConfigCommand({ EndpointConfigName: 'brief' }))).toMatchObject({
      ProductionVariants: [variant('brief', 1)],
    });
    await send(new DeleteEndpointConfigCommand({ EndpointConfigName: 'brief' }));
    await send(new DeleteModelCommand({ ModelName: 'brief' }));
    expect((await invoke('lasting', '1')).text).toBe('brief:1');
    const { Endpoints } = await send(new ListEndpointsCommand({ NameContains: 'lasting' }));
    expect(Endpoints).toMatchObject([{ EndpointName: 'lasting', EndpointStatus: 'InService' }]);
  });
});
