/** The front door with an adversary behind it, asked by the real SDK clients. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { DescribeImagesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { EventBridgeClient, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ListModelsCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { AwsError } from '../aws-error.ts';
import { createFrontDoor, type FrontDoor, type Services } from '../front-door.ts';
import { readBody, sendJsonError } from '../json-protocol.ts';
import type { AwsRequest } from '../ports.ts';
import type { Decisions, Fault } from './decisions.ts';
import { disturbedCalls } from './disturbed-calls.ts';

/** Every call takes effect (it is counted with its body) and is answered with this error. */
const REACHED = 'ValidationException';
const MEGABYTE = 2 ** 20;
const LARGE = Array.from({ length: 5 }, () => Buffer.alloc(MEGABYTE));
const FUNCTION = { accessKeyId: 'role.ratchet-dev-ingest', secretAccessKey: 'local' };
const USER = { accessKeyId: 'somebody', secretAccessKey: 'secret' };

type Failure = Error & { readonly $metadata?: { readonly attempts?: number } };

const NAMES: readonly (keyof Services)[] = [
  's3',
  'dynamodb',
  'events',
  'sqs',
  'sagemaker',
  'sagemaker-runtime',
  'monitoring',
  'ecr',
];

describe('calls behind an adversary', () => {
  let door: FrontDoor;
  let endpoint: string;
  let effects: string[];
  /** The faults that strike, each once. */
  let coming: Fault[];

  const decisions: Pick<Decisions, 'strike'> = {
    strike: (fault) => {
      if (!coming.includes(fault)) return undefined;
      coming = coming.filter((other) => other !== fault);
      return 0.5;
    },
  };

  async function handle(request: AwsRequest): Promise<void> {
    effects.push((await readBody(request)).toString());
    if (request.req.method === 'GET') return pipeline(Readable.from(LARGE), request.res);
    sendJsonError(request, 'application/x-amz-json-1.1', new AwsError(REACHED, 'Here it ends.'));
  }

  beforeEach(async () => {
    effects = [];
    coming = [];
    door = createFrontDoor();
    endpoint = `http://127.0.0.1:${await door.listen(0)}`;
    const services = Object.fromEntries(NAMES.map((name) => [name, handle])) as unknown as Services;
    door.serve(disturbedCalls(services, decisions));
  });

  afterEach(() => door.close());

  const settings = (maxAttempts: number, credentials = FUNCTION) => ({
    endpoint,
    region: 'us-east-1',
    credentials,
    maxAttempts,
  });
  type Settings = ReturnType<typeof settings>;

  const outcome = (call: Promise<unknown>): Promise<Partial<Failure>> =>
    call.then(
      () => ({}),
      (error: Failure) => error,
    );

  const put = (to: Settings) =>
    new S3Client(to).send(new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'text' }));
  const callers: readonly [string, string, (to: Settings) => Promise<unknown>][] = [
    ['S3', 'SlowDown', put],
    [
      'DynamoDB',
      'ProvisionedThroughputExceededException',
      (to) => new DynamoDBClient(to).send(new ListTablesCommand({})),
    ],
    ['EventBridge', 'ThrottlingException', (to) => new EventBridgeClient(to).send(new ListRulesCommand({}))],
    ['SQS', 'RequestThrottled', (to) => new SQSClient(to).send(new ListQueuesCommand({}))],
    ['SageMaker', 'ThrottlingException', (to) => new SageMakerClient(to).send(new ListModelsCommand({}))],
    [
      'CloudWatch',
      'ThrottlingException',
      (to) =>
        new CloudWatchClient(to).send(
          new GetMetricDataCommand({ StartTime: new Date(0), EndTime: new Date(1), MetricDataQueries: [] }),
        ),
    ],
    [
      'ECR',
      'ThrottlingException',
      (to) => new ECRClient(to).send(new DescribeImagesCommand({ repositoryName: 'r' })),
    ],
  ];

  it.each(callers)('%s refuses a function with %s before the effect', async (_, code, call) => {
    coming = ['call throttled'];
    expect((await outcome(call(settings(1)))).name).toBe(code);
    expect(effects).toEqual([]);
  });

  it.each(callers)('%s is asked again by its SDK after %s', async (_, _code, call) => {
    coming = ['call throttled'];
    expect((await outcome(call(settings(2)))).$metadata?.attempts).toBe(2);
    expect(effects).toHaveLength(1);
  });

  it.each(callers)(
    '%s takes effect although its answer is lost, and is asked again',
    async (_, _code, call) => {
      coming = ['reply lost after the effect'];
      expect(await outcome(call(settings(1)))).toMatchObject({
        message: expect.stringContaining('socket hang up'),
      });
      expect(effects).toHaveLength(1);
      coming = ['reply lost after the effect'];
      await outcome(call(settings(2)));
      expect(effects).toHaveLength(3);
    },
  );

  it('a large object is sent into the void, then the connection is cut', async () => {
    coming = ['reply lost after the effect'];
    const s3 = new S3Client(settings(2));
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }));
    expect(await Body?.transformToByteArray()).toHaveLength(LARGE.length * MEGABYTE);
    expect(effects).toHaveLength(2);
    s3.destroy();
  });

  it.each<Fault>(['call throttled', 'reply lost after the effect'])(
    'a user, and whoever asks an endpoint, meets no: %s',
    async (fault) => {
      coming = [fault];
      await outcome(put(settings(1, USER)));
      const live = new SageMakerRuntimeClient(settings(1));
      await outcome(live.send(new InvokeEndpointCommand({ EndpointName: 'e', Body: '1' })));
      expect(coming).toEqual([fault]);
      expect(effects).toHaveLength(2);
    },
  );
});
