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
/** What decides on the variant; undefined leaves it to chance. */
let draw: number | undefined = 0;

beforeAll(async () => {
  cloud = await startTestCloud({ random: () => draw ?? Math.random(), invocationTimeoutMs: 5000 });
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

  it('gives each variant its share of the traffic', async () => {
    await createEndpoint('shared', 'two');
    draw = undefined;
    const count = 600;
    let challenger = 0;
    for (let at = 0; at < count; at += 1)
      challenger += Number((await invoke('shared', '1')).variant === 'challenger');
    draw = 0;
    // Five standard deviations of a binomial: a right cloud fails one run in two million.
    const deviation = Math.sqrt(count * 0.1 * 0.9);
    expect(Math.abs(challenger - count * 0.1)).toBeLessThan(5 * deviation);
  });

  it('keeps weights and counts through an update when asked', async () => {
    await createEndpoint('retained', 'two');
    const weights = [{ VariantName: 'challenger', DesiredWeight: 0.5, DesiredInstanceCount: 2 }];
    await send(
      new UpdateEndpointWeightsAndCapacitiesCommand({
        EndpointName: 'retained',
        DesiredWeightsAndCapacities: weights,
      }),
    );
    await inService('retained');
    const told = cloud.events.filter((event) => event.detail.EndpointName === 'retained');
    expect(told.map((event) => event.detail.EndpointStatus)).toEqual([
      'CREATING',
      'IN_SERVICE',
      'UPDATING',
      'IN_SERVICE',
    ]);
    await createConfig('three', [variant('champion', 0.2), variant('challenger', 0.8)]);
    const keeping = {
      EndpointName: 'retained',
      EndpointConfigName: 'three',
      RetainAllVariantProperties: true,
    };
    await send(new UpdateEndpointCommand(keeping));
    await inService('retained');
    expect(await weightsOf('retained')).toEqual({ champion: 0.9, challenger: 0.5 });
    const ExcludeRetainedVariantProperties = [{ VariantPropertyType: 'DesiredWeight' as const }];
    await send(new UpdateEndpointCommand({ ...keeping, ExcludeRetainedVariantProperties }));
    await inService('retained');
    expect(await weightsOf('retained')).toEqual({ champion: 0.2, challenger: 0.8 });
    const { ProductionVariants } = await describeEndpoint('retained');
    expect(ProductionVariants?.map((each) => each.CurrentInstanceCount)).toEqual([1, 2]);
  });
});

describe('an endpoint of several containers', () => {
  const container = (name: string) => ({
    Image: IMAGE,
    ContainerHostname: name,
    ModelDataUrl: `s3://${BUCKET}/models/${name}/model.tar.gz`,
  });
  const Containers = [container('champion'), container('challenger')];
  const create = async (name: string, Mode?: 'Serial' | 'Direct') => {
    const InferenceExecutionConfig = Mode && { Mode };
    const model = { ModelName: name, ExecutionRoleArn: ROLE, Containers, InferenceExecutionConfig };
    await send(new CreateModelCommand(model));
    await createConfig(name, [variant(name, 1)]);
    await createEndpoint(name, name);
  };

  it('passes a request through them, each at a port of its own', async () => {
    await create('chain');
    expect((await invoke('chain', '1')).text).toBe('challenger:champion:1');
    await expect(invoke('chain', '1', { TargetContainerHostname: 'champion' })).rejects.toMatchObject({
      name: 'ValidationError',
    });
    await expect(invoke('chain', 'refuse')).rejects.toMatchObject({
      name: 'ModelError',
      message: expect.stringMatching(/^Received client error \(400\) from champion with message/),
    });
  });

  it('asks the one that is named, where they are invoked directly', async () => {
    await create('direct', 'Direct');
    const ask = (TargetContainerHostname?: string) =>
      invoke('direct', '1', TargetContainerHostname === undefined ? {} : { TargetContainerHostname });
    expect((await ask('champion')).text).toBe('champion:1');
    expect((await ask('challenger')).text).toBe('challenger:1');
    await expect(ask()).rejects.toMatchObject({ name: 'ValidationError' });
    await expect(ask('nobody')).rejects.toMatchObject({ message: 'Container nobody is not found.' });
    const ports = await Promise.all(
      ['champion', 'challenger'].map(async (name) => {
        const { text } = await invoke('direct', 'env', { TargetContainerHostname: name });
        return JSON.parse(text).SAGEMAKER_BIND_TO_PORT;
      }),
    );
    expect(new Set(ports).size).toBe(2);
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
      message: 'HTTP content length exceeded 6291456 bytes.',
    });
    expect((await invoke('asked', 'x'.repeat(6_291_456))).text).toHaveLength(6_291_456 + 'champion:'.length);
  });

  it('tells a model that does not answer in time', async () => {
    await expect(invoke('asked', 'never')).rejects.toMatchObject({
      name: 'ModelError',
      OriginalStatusCode: 0,
      OriginalMessage: expect.stringMatching(
        /^Your invocation timed out while waiting for a response from container primary\./,
      ),
    });
  });

  const tooLong = (member: string, most: number) =>
    new RegExp(`^1 validation error detected: Value 'x+' at '${member}' .*less than or equal to ${most}$`);

  it.each([
    ['inference id', { InferenceId: 'x'.repeat(65) }, tooLong('inferenceId', 64)],
    ['custom attributes', { CustomAttributes: 'x'.repeat(1025) }, tooLong('customAttributes', 1024)],
    ['content type', { ContentType: 'x'.repeat(1025) }, tooLong('contentType', 1024)],
    ['Accept', { Accept: 'x'.repeat(1025) }, tooLong('accept', 1024)],
    ['variant', { TargetVariant: 'x'.repeat(64) }, tooLong('targetVariant', 63)],
    ['model of many', { TargetModel: 'a.tar.gz' }, /target-model is not offered/],
  ])('refuses a bad %s', async (_, more, message) => {
    await expect(invoke('asked', '1', more)).rejects.toMatchObject({
      name: 'ValidationError',
      message: expect.stringMatching(message),
    });
  });

  it('refuses an endpoint that is not there', async () => {
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

  it.each([
    ['PrimaryContainer.ModelPackageName', () => createPackaged()],
    ['ProductionVariants.ServerlessConfig', () => createServerless()],
  ])('says that %s is not offered', async (member, act) => {
    await expect(act()).rejects.toMatchObject({
      name: 'ValidationException',
      message: `${member} is not offered by the embedded cloud.`,
    });
  });

  const createPackaged = () =>
    send(new CreateModelCommand({ ModelName: 'x', PrimaryContainer: { ModelPackageName: 'p' } }));
  const createServerless = () =>
    createConfig('x', [
      {
        VariantName: 'a',
        ModelName: 'champion',
        ServerlessConfig: { MemorySizeInMB: 1024, MaxConcurrency: 1 },
      },
    ]);

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
