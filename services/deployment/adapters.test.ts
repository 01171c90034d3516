/** What SageMaker is asked for, when its replies are lost: the change was made, and is taken for made. */
import { DescribeModelCommand, ListTransformJobsCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import {
  BUCKET,
  eventually,
  IMAGE,
  modelArchive,
  ROLE,
  startTestCloud,
  type TestCloud,
} from '../../local/sagemaker/test-cloud.ts';
import { loseReplies } from '../../shared/aws/testing/lost-replies.ts';
import type { ModelRef } from '../../shared/lifecycle/run.ts';
import { createEndpointChanges, createEndpoints } from './adapters-endpoints.ts';
import { createPredictions } from './adapters-predictions.ts';
import type { EndpointConfig, PredictionOrder } from './ports.ts';

describe('SageMaker whose replies are lost', () => {
  let cloud: TestCloud;
  let client: SageMakerClient;

  const modelNamed = (name: string): ModelRef => ({
    name,
    runId: `wine-${name}`,
    artifact: `s3://${BUCKET}/models/${name}.tar.gz`,
    image: IMAGE,
    dataset: 'd1',
  });
  const orderOf = (name: string): PredictionOrder => ({
    name: `predict-${name}`,
    runId: `wine-${name}`,
    model: modelNamed(name),
    instance: 'ml.m5.large',
    input: `s3://${BUCKET}/test/features.csv`,
    output: `s3://${BUCKET}/reports/${name}`,
  });
  const configOf = (name: string): EndpointConfig => ({
    name: `config-${name}`,
    variants: [{ model: modelNamed(name), weight: 1 }],
    instance: 'ml.m5.large',
    instances: 1,
    capturePercent: 100,
    captureTo: `s3://${BUCKET}/captures`,
  });

  beforeAll(async () => {
    cloud = await startTestCloud();
    await cloud.put('test/features.csv', '1,2\n');
    for (const name of ['one', 'two']) await cloud.put(`models/${name}.tar.gz`, await modelArchive(name));
  });

  beforeEach(() => {
    client = loseReplies(
      new SageMakerClient({
        endpoint: cloud.url,
        region: 'us-east-1',
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      }),
    );
  });

  afterEach(() => client.destroy());
  afterAll(() => cloud.dispose());

  it('given a new model, then it and its transform job are made, once each', async () => {
    const predictions = createPredictions(client, ROLE, IMAGE);
    expect(await predictions.start(orderOf('one'))).toEqual({ kind: 'accepted' });
    expect(await predictions.start(orderOf('one'))).toEqual({ kind: 'accepted' });
    expect(await predictions.describe('predict-one')).toMatchObject({ runId: 'wine-one' });
    const { TransformJobSummaries } = await client.send(new ListTransformJobsCommand({}));
    expect(TransformJobSummaries?.map(({ TransformJobName }) => TransformJobName)).toEqual(['predict-one']);
  });

  it('given a model that is sent raw records, then the features of its own dataset stand before it', async () => {
    const features = `s3://${BUCKET}/datasets/wine/d1/features.tar.gz`;
    await cloud.put('models/raw.tar.gz', await modelArchive('raw'));
    await cloud.put('datasets/wine/d1/features.tar.gz', await modelArchive('features'));
    const order = { ...orderOf('raw'), model: { ...modelNamed('raw'), features } };
    expect(await createPredictions(client, ROLE, IMAGE).start(order)).toEqual({ kind: 'accepted' });
    expect(await client.send(new DescribeModelCommand({ ModelName: 'raw' }))).toMatchObject({
      Containers: [
        { Image: IMAGE, ModelDataUrl: features },
        { Image: IMAGE, ModelDataUrl: order.model.artifact },
      ],
      InferenceExecutionConfig: { Mode: 'Serial' },
    });
  });

  it('given an order that nobody can carry out, then it is refused with the reason', async () => {
    const order = { ...orderOf('two'), model: { ...modelNamed('two'), image: 'nowhere.example/none:1' } };
    expect(await createPredictions(client, ROLE, IMAGE).start(order)).toMatchObject({
      kind: 'refused',
      reason: expect.stringMatching(/^ValidationException: /),
    });
  });

  it('given a new endpoint, then a changed one, it comes to serve what was asked for', async () => {
    const predictions = createPredictions(client, ROLE, IMAGE);
    for (const name of ['one', 'two']) await predictions.start(orderOf(name));
    const endpoints = createEndpoints(client);
    const changes = createEndpointChanges(client);
    const follows = (name: string) =>
      eventually(async () => {
        const state = await endpoints.describe('wine');
        return state?.status === 'in-service' && state.weights[name] === 1 ? state : undefined;
      });

    // The repeated call is refused, since the first one took effect: only a look at the endpoint tells.
    await changes.create('wine', configOf('one'));
    expect((await follows('one')).configName).toBe('config-one');
    await changes.replace('wine', configOf('two'));
    expect((await follows('two')).configName).toBe('config-two');
  });
});
