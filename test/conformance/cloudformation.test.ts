/** CloudFormation by the tool that writes our template: what `serverless package` makes of a service is planned and
 * runs, and what it makes of features that the embedded cloud does not have is refused by name. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { stringify } from 'yaml';
import { type Cloud, startCloud } from '../../local/cloud.ts';

const SERVERLESS = join(import.meta.dirname, '../../node_modules/serverless/bin/serverless.js');

const HANDLERS = `
import { createRequire } from 'node:module';
export const hello = async ({ pathParameters }) =>
  ({ says: createRequire(import.meta.url)('greeting'), to: pathParameters?.name, queue: process.env.QUEUE });
export const work = async ({ Records }) => ({ batchItemFailures: [] });
`;

const arnOf = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });

const SERVICE = {
  service: 'sample',
  provider: {
    name: 'aws',
    runtime: 'nodejs24.x',
    stage: 'dev',
    region: 'us-east-1',
    deploymentMethod: 'direct',
    versionFunctions: false,
    environment: { QUEUE: { Ref: 'Queue' } },
    httpApi: { payload: '2.0', cors: true },
    iam: {
      role: {
        path: '/services/',
        statements: [{ Effect: 'Allow', Action: ['sqs:SendMessage'], Resource: arnOf('Queue') }],
      },
    },
  },
  layers: { greeting: { path: 'layer', compatibleRuntimes: ['nodejs24.x'], description: 'A word' } },
  functions: {
    hello: {
      handler: 'handlers.hello',
      layers: [{ Ref: 'GreetingLambdaLayer' }],
      events: [
        { httpApi: 'GET /hello/{name}' },
        { schedule: { rate: ['rate(1 hour)'], enabled: false } },
        {
          eventBridge: {
            eventBus: { Ref: 'Bus' },
            pattern: { source: ['sample'] },
            inputTransformer: { inputPathsMap: { id: '$.id' }, inputTemplate: '{"event": <id>}' },
            retryPolicy: { maximumEventAge: 60, maximumRetryAttempts: 1 },
          },
        },
      ],
    },
    work: {
      handler: 'handlers.work',
      events: [
        { sqs: { arn: arnOf('Queue'), batchSize: 5, functionResponseType: 'ReportBatchItemFailures' } },
      ],
    },
  } as Record<string, object>,
  resources: {
    Resources: {
      Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'sample' } },
      Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'sample-dev' } },
    },
    Outputs: Object.fromEntries(
      ['DropBucket', 'ArtifactsBucket', 'BusName', 'TableName'].map((name) => [name, { Value: 'none' }]),
    ),
  },
};

let dir: string;

/** Of a service with layers the framework asks CloudFormation whether they are there already: a first deployment. */
const stacks = createServer((_req, res) => {
  const error =
    '<Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id sample-dev does not exist</Message>';
  res
    .writeHead(400, { 'content-type': 'text/xml' })
    .end(`<ErrorResponse><Error>${error}</Error></ErrorResponse>`);
});

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'ratchet-serverless-'));
  await new Promise<void>((resolve) => stacks.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  stacks.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Runs `serverless package` on a service and gives the folder of the package. */
async function packaged(name: string, service: object): Promise<string> {
  const home = join(dir, name);
  const layer = join(home, 'layer/nodejs/node_modules/greeting');
  mkdirSync(layer, { recursive: true });
  writeFileSync(join(layer, 'index.js'), 'module.exports = "good day";');
  writeFileSync(join(home, 'handlers.mjs'), HANDLERS);
  writeFileSync(join(home, 'serverless.yml'), stringify(service));
  const env = {
    ...process.env,
    SLS_TELEMETRY_DISABLED: '1',
    NODE_OPTIONS: '',
    AWS_ACCESS_KEY_ID: 'anyone',
    AWS_SECRET_ACCESS_KEY: 'anything',
    AWS_ENDPOINT_URL_CLOUDFORMATION: `http://127.0.0.1:${(stacks.address() as AddressInfo).port}`,
  };
  await promisify(execFile)(process.execPath, [SERVERLESS, 'package'], { cwd: home, env }).catch(
    (error: { stdout: string; stderr: string }) => {
      throw new Error(`${error.stdout}${error.stderr}`);
    },
  );
  return join(home, '.serverless');
}

const start = (name: string, packageDir: string) =>
  startCloud({ dir: join(dir, name, 'state'), packageDir, port: 0, apiPort: 0 });

describe('a service of every kind that is understood', () => {
  let cloud: Cloud;
  const clients: { destroy(): void }[] = [];
  const config = () => ({
    endpoint: cloud.info.awsEndpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'anyone', secretAccessKey: 'anything' },
  });

  beforeAll(async () => {
    cloud = await start('whole', await packaged('whole', SERVICE));
  }, 60_000);
  afterAll(async () => {
    for (const client of clients) client.destroy();
    await cloud?.close();
  });

  it('answers at its route, with its layer and its references resolved', async () => {
    const answer = await fetch(`${cloud.info.apiUrl}/hello/you`, {
      headers: { origin: 'https://any.example' },
    });
    const queue = `${cloud.info.awsEndpoint}/000000000000/sample-dev`;
    expect(await answer.json()).toEqual({ says: 'good day', to: 'you', queue });
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  });

  it('has its functions by their names, and works on its queue', async () => {
    const lambda = new LambdaClient(config());
    const sqs = new SQSClient(config());
    clients.push(lambda, sqs);
    const { Payload } = await lambda.send(
      new InvokeCommand({ FunctionName: 'sample-dev-hello', Payload: '{}' }),
    );
    expect(JSON.parse(Payload?.transformToString() ?? '')).toMatchObject({ says: 'good day' });
    const QueueUrl = `${cloud.info.awsEndpoint}/000000000000/sample-dev`;
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'job' }));
    const left = async () => {
      const AttributeNames = [
        'ApproximateNumberOfMessages' as const,
        'ApproximateNumberOfMessagesNotVisible' as const,
      ];
      const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
      return Object.values(Attributes).reduce((sum, each) => sum + Number(each), 0);
    };
    while ((await left()) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  });
});

describe('a service that wants more', () => {
  const hello = (more: object) => ({
    ...SERVICE,
    functions: { ...SERVICE.functions, hello: { ...SERVICE.functions.hello, ...more } },
  });
  const provider = (more: object) => ({ ...SERVICE, provider: { ...SERVICE.provider, ...more } });

  it.each<[string, object, RegExp]>([
    ['a topic', hello({ events: [{ sns: 'news' }] }), /SNSTopicNews \(AWS::SNS::Topic\): .*resource type/],
    [
      'tracing',
      provider({ tracing: { lambda: true } }),
      /LambdaFunction \(AWS::Lambda::Function\)\.TracingConfig: .*property/,
    ],
    [
      'concurrency of its own',
      hello({ reservedConcurrency: 3 }),
      /HelloLambdaFunction .*\.ReservedConcurrentExecutions: .*property/,
    ],
    [
      'a queue for failed events of the old kind',
      hello({ onError: arnOf('Queue') }),
      /HelloLambdaFunction .*\.DeadLetterConfig: .*property/,
    ],
    [
      'tokens',
      {
        ...provider({
          httpApi: {
            authorizers: {
              tokens: {
                type: 'jwt',
                identitySource: '$request.header.Authorization',
                issuerUrl: 'https://i.example',
                audience: ['a'],
              },
            },
          },
        }),
        ...{
          functions: {
            hello: {
              ...SERVICE.functions.hello,
              events: [{ httpApi: { method: 'GET', path: '/a', authorizer: 'tokens' } }],
            },
          },
        },
      },
      /\(AWS::ApiGatewayV2::Authorizer\): .*resource type/,
    ],
    [
      'a policy of AWS’s',
      provider({ iam: { role: { managedPolicies: ['arn:aws:iam::aws:policy/ReadOnlyAccess'] } } }),
      /ManagedPolicyArns: the policy arn:aws:iam::aws:policy\/ReadOnlyAccess is not understood/,
    ],
    [
      'an import',
      provider({ environment: { SHARED: { 'Fn::ImportValue': 'shared' } } }),
      /Environment\.Variables\.SHARED: the intrinsic Fn::ImportValue/,
    ],
  ])(
    '%s: it is refused by name',
    async (name, service, message) => {
      const packageDir = await packaged(name, service);
      await expect(start(name, packageDir)).rejects.toThrow(
        expect.objectContaining({ code: 'PLAN_NOT_UNDERSTOOD', message: expect.stringMatching(message) }),
      );
    },
    60_000,
  );
});
