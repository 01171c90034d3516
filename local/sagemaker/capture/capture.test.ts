import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  type DataCaptureConfig,
  DescribeEndpointCommand,
} from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand } from '@aws-sdk/client-sagemaker-runtime';
import { BUCKET, eventually, IMAGE, modelArchive, startTestCloud, type TestCloud } from '../test-cloud.ts';

let cloud: TestCloud;

beforeAll(async () => {
  cloud = await startTestCloud();
  await cloud.put('model.tar.gz', await modelArchive('m'));
  const PrimaryContainer = { Image: IMAGE, ModelDataUrl: `s3://${BUCKET}/model.tar.gz` };
  await cloud.sagemaker.send(new CreateModelCommand({ ModelName: 'm', PrimaryContainer }));
});
afterAll(() => cloud.dispose());

async function createEndpoint(
  name: string,
  capture: Partial<DataCaptureConfig>,
  ModelName = 'm',
): Promise<void> {
  const DataCaptureConfig: DataCaptureConfig = {
    EnableCapture: true,
    InitialSamplingPercentage: 100,
    DestinationS3Uri: `s3://${BUCKET}/captures`,
    CaptureOptions: [{ CaptureMode: 'Input' }, { CaptureMode: 'Output' }],
    CaptureContentTypeHeader: { CsvContentTypes: ['text/csv'], JsonContentTypes: ['application/json'] },
    ...capture,
  };
  const variant = {
    VariantName: 'v1',
    ModelName,
    InitialInstanceCount: 1,
    InstanceType: 'ml.m5.large' as const,
  };
  await cloud.sagemaker.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName: name,
      ProductionVariants: [variant],
      DataCaptureConfig,
    }),
  );
  await cloud.sagemaker.send(new CreateEndpointCommand({ EndpointName: name, EndpointConfigName: name }));
  await eventually(async () => {
    const { EndpointStatus } = await cloud.sagemaker.send(
      new DescribeEndpointCommand({ EndpointName: name }),
    );
    return EndpointStatus === 'InService' ? true : undefined;
  });
}

const invoke = (EndpointName: string, Body: string, more = {}) =>
  cloud.runtime.send(
    new InvokeEndpointCommand({
      EndpointName,
      Body,
      ContentType: 'text/csv',
      Accept: 'application/json',
      ...more,
    }),
  );

async function captured(
  endpoint: string,
  count: number,
): Promise<{ keys: string[]; lines: Record<string, unknown>[] }> {
  return eventually(async () => {
    const keys = await cloud.keys(`captures/${endpoint}/`);
    const bodies = await Promise.all(keys.map(cloud.get));
    const lines = bodies
      .flatMap((body) => body.toString().trim().split('\n'))
      .map((line) => JSON.parse(line));
    return lines.length >= count ? { keys, lines } : undefined;
  });
}

describe('data capture', () => {
  it('writes what went in and came out, in the layout of SageMaker', async () => {
    await createEndpoint('full', {});
    await invoke('full', '1,2', { InferenceId: 'row-7' });
    await invoke('full', 'x', { ContentType: 'application/x-image' });
    await invoke('full', 'refuse').catch(() => undefined);
    const { keys, lines } = await captured('full', 2);
    expect(keys[0]).toMatch(
      /^captures\/full\/v1\/\d{4}\/\d\d\/\d\d\/\d\d\/\d\d-\d\d-\d{3}-[0-9a-f-]{36}\.jsonl$/,
    );
    expect(lines).toEqual([
      {
        captureData: {
          endpointInput: { observedContentType: 'text/csv', mode: 'INPUT', data: '1,2', encoding: 'CSV' },
          endpointOutput: {
            observedContentType: 'application/json',
            mode: 'OUTPUT',
            data: 'm:1,2',
            encoding: 'JSON',
          },
        },
        eventMetadata: {
          eventId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          inferenceId: 'row-7',
          inferenceTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        },
        eventVersion: '0',
      },
      {
        captureData: {
          endpointInput: {
            observedContentType: 'application/x-image',
            mode: 'INPUT',
            data: 'eA==',
            encoding: 'BASE64',
          },
          endpointOutput: {
            observedContentType: 'application/json',
            mode: 'OUTPUT',
            data: 'm:x',
            encoding: 'JSON',
          },
        },
        eventMetadata: { eventId: expect.any(String), inferenceTime: expect.any(String) },
        eventVersion: '0',
      },
    ]);
  });

  it('writes a file of its own after 100 records, each record once', async () => {
    await createEndpoint('many', { CaptureOptions: [{ CaptureMode: 'Input' }] });
    const ids = Array.from({ length: 150 }, (_, index) => `id-${index}`);
    await Promise.all(ids.map((InferenceId) => invoke('many', '1', { InferenceId })));
    const { keys, lines } = await captured('many', 150);
    expect(keys).toHaveLength(2);
    const seen = lines.map((line) => (line.eventMetadata as { inferenceId: string }).inferenceId);
    expect(seen.toSorted()).toEqual(ids.toSorted());
    expect(lines[0]?.captureData).not.toHaveProperty('endpointOutput');
  });

  it('holds the raw request and the last answer of an inference pipeline', async () => {
    const container = { Image: IMAGE, ModelDataUrl: `s3://${BUCKET}/model.tar.gz` };
    await cloud.sagemaker.send(
      new CreateModelCommand({ ModelName: 'chain', Containers: [container, container] }),
    );
    await createEndpoint('chain', {}, 'chain');
    await invoke('chain', '1,2');
    const { lines } = await captured('chain', 1);
    expect(lines[0]?.captureData).toMatchObject({
      endpointInput: { data: '1,2', encoding: 'CSV' },
      endpointOutput: { data: 'm:m:1,2', encoding: 'JSON' },
    });
  });

  it('takes its sample, of the answers alone, in BASE64 where no content type is declared', async () => {
    const nothingDeclared = { CaptureContentTypeHeader: undefined } as never as Partial<DataCaptureConfig>;
    await createEndpoint('sampled', {
      InitialSamplingPercentage: 30,
      CaptureOptions: [{ CaptureMode: 'Output' }],
      ...nothingDeclared,
    });
    const count = 500;
    for (let at = 0; at < count; at += 1) await invoke('sampled', '1');
    await cloud.stop();
    // Everything that was captured is in S3 when the cloud has ended.
    cloud = await startTestCloud({ dir: cloud.dir });
    const { lines } = await captured('sampled', 1);
    const deviation = Math.sqrt(count * 0.3 * 0.7);
    expect(Math.abs(lines.length - count * 0.3)).toBeLessThan(5 * deviation);
    expect(lines[0]?.captureData).toEqual({
      endpointOutput: {
        observedContentType: 'application/json',
        mode: 'OUTPUT',
        data: Buffer.from('m:1').toString('base64'),
        encoding: 'BASE64',
      },
    });
  });

  it('says aloud that a key is not used', async () => {
    const { warn } = console;
    const said: unknown[] = [];
    console.warn = (...words) => void said.push(...words);
    await createEndpoint('keyed', { KmsKeyId: 'alias/some' }).finally(() => {
      console.warn = warn;
    });
    expect(said).toEqual([
      'CreateEndpointConfig: KmsKeyId is ignored, nothing is encrypted on this machine.',
    ]);
  });

  it('captures nothing where it is switched off', async () => {
    await createEndpoint('off', { EnableCapture: false });
    await createEndpoint('none', { InitialSamplingPercentage: 0 });
    await invoke('off', '1');
    await invoke('none', '1');
    await invoke('full', 'last');
    await captured('full', 3);
    expect(await cloud.keys('captures/off/')).toEqual([]);
    expect(await cloud.keys('captures/none/')).toEqual([]);
  });
});
