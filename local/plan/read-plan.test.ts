import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { writePackage, zip } from './package-fixture.ts';
import { readPlan } from './read-plan.ts';
import { unpack } from './unpack.ts';
import { unzip } from './unzip.ts';

const place = {
  identity: { account: '000000000000', region: 'us-east-1' },
  awsEndpoint: 'http://127.0.0.1:4566',
};

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'plan-'));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

const plan = (resources: Record<string, unknown>, outputs: Record<string, unknown> = {}) =>
  readPlan(writePackage(dir, { resources, outputs }), place);

const queue = { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'drops' } };
// biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's own syntax
const ACCOUNT = '${AWS::AccountId}';
const bucket = (more: object = {}) => ({
  Type: 'AWS::S3::Bucket',
  Properties: { BucketName: { 'Fn::Sub': `drop-${ACCOUNT}` }, ...more },
});
const lambda = {
  Type: 'AWS::Lambda::Function',
  DependsOn: ['Role'],
  Properties: {
    Code: { S3Bucket: 'b', S3Key: 'serverless/x/on-drop.zip' },
    FunctionName: 'on-drop',
    Handler: 'services/ingest/handler.onDrop',
    Runtime: 'nodejs24.x',
    Architectures: ['arm64'],
    Environment: { Variables: { QUEUE: { Ref: 'Drops' }, N: 3 } },
    Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
  },
};
const role = {
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {},
    Policies: [
      {
        PolicyName: 'p',
        PolicyDocument: {
          Statement: [
            { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: { 'Fn::GetAtt': 'Drops.Arn' } },
          ],
        },
      },
    ],
  },
};

describe('a template that is understood', () => {
  it('becomes the terms of the services, with every intrinsic resolved', () => {
    const found = plan(
      {
        Drops: {
          ...queue,
          Properties: {
            ...queue.Properties,
            VisibilityTimeout: 360,
            RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 5 },
          },
        },
        Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead', SqsManagedSseEnabled: true } },
        Drop: bucket({
          VersioningConfiguration: { Status: 'Enabled' },
          NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
        }),
        Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'life' } },
        Rule: {
          Type: 'AWS::Events::Rule',
          Properties: {
            EventBusName: { Ref: 'Bus' },
            EventPattern: { source: ['aws.s3'], detail: { bucket: { name: [{ Ref: 'Drop' }] } } },
            Targets: [
              {
                Id: 't',
                Arn: { 'Fn::GetAtt': ['Drops', 'Arn'] },
                DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['Dead', 'Arn'] } },
                RetryPolicy: { MaximumRetryAttempts: 3 },
              },
            ],
          },
        },
        Lambda: lambda,
        Role: role,
        Config: {
          Type: 'AWS::Lambda::EventInvokeConfig',
          Properties: {
            FunctionName: { Ref: 'Lambda' },
            Qualifier: '$LATEST',
            MaximumRetryAttempts: 0,
            DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['Dead', 'Arn'] } } },
          },
        },
        Mapping: {
          Type: 'AWS::Lambda::EventSourceMapping',
          Properties: {
            EventSourceArn: { 'Fn::GetAtt': ['Drops', 'Arn'] },
            FunctionName: { 'Fn::GetAtt': ['Lambda', 'Arn'] },
            BatchSize: 7,
            ScalingConfig: { MaximumConcurrency: 2 },
            FunctionResponseTypes: ['ReportBatchItemFailures'],
          },
        },
        Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'api', ProtocolType: 'HTTP' } },
        Integration: {
          Type: 'AWS::ApiGatewayV2::Integration',
          Properties: {
            ApiId: { Ref: 'Api' },
            IntegrationType: 'AWS_PROXY',
            IntegrationUri: { 'Fn::GetAtt': ['Lambda', 'Arn'] },
            PayloadFormatVersion: '2.0',
            TimeoutInMillis: 29000,
          },
        },
        Route: {
          Type: 'AWS::ApiGatewayV2::Route',
          Properties: {
            ApiId: { Ref: 'Api' },
            RouteKey: 'GET /v1/runs/{run}',
            Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'Integration' }]] },
            AuthorizationType: 'AWS_IAM',
          },
        },
        Policy: { Type: 'AWS::SQS::QueuePolicy', Properties: { Queues: [{ Ref: 'Drops' }] } },
      },
      {
        Drop: { Value: { Ref: 'Drop' }, Description: 'd' },
        Parts: { Value: { 'Fn::Select': [1, { 'Fn::Split': ['-', 'a-b-c'] }] } },
      },
    );
    expect(found).toMatchObject({
      buckets: [{ name: 'drop-000000000000', versioned: true, eventBridge: true }],
      buses: ['life'],
      queues: [
        {
          name: 'drops',
          attributes: {
            VisibilityTimeout: 360,
            RedrivePolicy:
              '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":5}',
          },
        },
        { name: 'dead', attributes: {} },
      ],
      rules: [
        {
          name: 'Rule',
          bus: 'life',
          enabled: true,
          pattern: { source: ['aws.s3'], detail: { bucket: { name: ['drop-000000000000'] } } },
          targets: [
            {
              Id: 't',
              Arn: 'arn:aws:sqs:us-east-1:000000000000:drops',
              DeadLetterConfig: { Arn: 'arn:aws:sqs:us-east-1:000000000000:dead' },
              RetryPolicy: { MaximumRetryAttempts: 3 },
            },
          ],
        },
      ],
      functions: [
        {
          name: 'on-drop',
          archive: join(dir, 'on-drop.zip'),
          handler: 'services/ingest/handler.onDrop',
          timeoutSeconds: 3,
          memoryMb: 128,
          environment: { QUEUE: 'http://127.0.0.1:4566/000000000000/drops', N: '3' },
          roleName: 'Role',
          maximumRetryAttempts: 0,
          onFailureArn: 'arn:aws:sqs:us-east-1:000000000000:dead',
        },
      ],
      mappings: [
        {
          queueArn: 'arn:aws:sqs:us-east-1:000000000000:drops',
          functionName: 'on-drop',
          batchSize: 7,
          maximumConcurrency: 2,
          reportBatchItemFailures: true,
        },
      ],
      roles: [
        {
          name: 'Role',
          policies: [
            {
              Statement: [
                {
                  Effect: 'Allow',
                  Action: ['sqs:SendMessage'],
                  Resource: ['arn:aws:sqs:us-east-1:000000000000:drops'],
                },
              ],
            },
          ],
        },
      ],
      routes: [
        {
          method: 'GET',
          path: '/v1/runs/{run}',
          functionName: 'on-drop',
          timeoutMs: 29_000,
          authorization: 'AWS_IAM',
        },
      ],
      outputs: { Drop: 'drop-000000000000', Parts: 'b' },
    });
  });
});

it('gives a function its layers, in their order', () => {
  const layer = (file: string) => ({
    Type: 'AWS::Lambda::LayerVersion',
    Properties: { LayerName: file, Content: { S3Bucket: 'b', S3Key: `serverless/x/${file}.zip` } },
  });
  const found = plan({
    Drops: queue,
    Role: role,
    Lambda: { ...lambda, Properties: { ...lambda.Properties, Layers: [{ Ref: 'Two' }, { Ref: 'One' }] } },
    One: layer('one'),
    Two: layer('two'),
  });
  const archive = (file: string) => ({ name: file, archive: join(dir, `${file}.zip`) });
  expect(found.functions).toMatchObject([{ layers: [archive('two'), archive('one')] }]);
});

describe('the roles', () => {
  const attached = (role: unknown) => ({
    Type: 'AWS::IAM::Policy',
    Properties: {
      PolicyName: 'more',
      PolicyDocument: { Statement: [{ Effect: 'Deny', Action: ['s3:*'], Resource: '*' }] },
      Roles: [role],
    },
  });

  it('have an ARN with their path, their own policies and those attached to them', () => {
    const found = plan({
      Drops: queue,
      Role: { ...role, Properties: { ...role.Properties, Path: '/ours/' } },
      Lambda: lambda,
      More: attached({ Ref: 'Role' }),
    });
    expect(found.roles).toMatchObject([
      {
        name: 'Role',
        arn: 'arn:aws:iam::000000000000:role/ours/Role',
        policies: [
          { Statement: [{ Effect: 'Allow' }] },
          { Statement: [{ Effect: 'Deny', Action: ['s3:*'] }] },
        ],
      },
    ]);
    expect(found.functions).toMatchObject([{ roleName: 'Role', roleArn: found.roles[0]?.arn }]);
  });

  it('are refused with a policy of AWS, or a policy of nobody', () => {
    const managed = 'arn:aws:iam::aws:policy/AdministratorAccess';
    const bad = { ...role, Properties: { ...role.Properties, ManagedPolicyArns: [managed] } };
    expect(() => plan({ Drops: queue, Role: bad })).toThrow(`the policy ${managed} is not understood`);
    expect(() => plan({ More: attached('nobody') })).toThrow(/More .*Roles: the template has no role nobody/);
  });
});

describe('a template that is not understood', () => {
  const refusals: [string, Record<string, unknown>, RegExp][] = [
    [
      'a resource type',
      { Topic: { Type: 'AWS::SNS::Topic' } },
      /Topic \(AWS::SNS::Topic\): .*does not know this resource type/,
    ],
    [
      'a property',
      { B: bucket({ WebsiteConfiguration: {} }) },
      /B \(AWS::S3::Bucket\)\.WebsiteConfiguration: .*property/,
    ],
    [
      'a property within',
      { B: bucket({ NotificationConfiguration: { QueueConfigurations: [] } }) },
      /NotificationConfiguration\.QueueConfigurations/,
    ],
    [
      'a value',
      { B: bucket({ VersioningConfiguration: { Status: 'Perhaps' } }) },
      /Status: Perhaps is not understood/,
    ],
    [
      'an intrinsic',
      { B: bucket({ BucketName: { 'Fn::ImportValue': 'x' } }) },
      /BucketName: the intrinsic Fn::ImportValue/,
    ],
    [
      'an intrinsic in what has no meaning here',
      { P: { Type: 'AWS::SQS::QueuePolicy', Properties: { Queues: [{ 'Fn::FindInMap': [] }] } } },
      /P .*Queues\[0\]: the intrinsic Fn::FindInMap/,
    ],
    [
      'a reference to nothing',
      { B: bucket({ BucketName: { Ref: 'Stage' } }) },
      /refers to Stage, which the template does not have/,
    ],
    [
      'an attribute',
      { Q: queue, B: bucket({ BucketName: { 'Fn::GetAtt': ['Q', 'Nope'] } }) },
      /attribute Nope of AWS::SQS::Queue \(Q\)/,
    ],
    [
      'an intrinsic beside others',
      { B: bucket({ BucketName: { 'Fn::Sub': 'b', X: 1 } }) },
      /intrinsic Fn::Sub/,
    ],
    ['text that is none', { B: bucket({ BucketName: { 'Fn::Sub': {} } }) }, /BucketName: text was expected/],
    [
      'an element that a list does not have',
      { B: bucket({ BucketName: { 'Fn::Select': [2, ['a', 'b']] } }) },
      /BucketName: text was expected/,
    ],
    ['a name made of itself', { B: bucket({ BucketName: { Ref: 'B' } }) }, /B is named by itself/],
    [
      'a variable that Lambda reserves',
      {
        Drops: queue,
        Role: role,
        L: {
          ...lambda,
          Properties: { ...lambda.Properties, Environment: { Variables: { AWS_REGION: 'x' } } },
        },
      },
      /L .*Environment\.Variables\.AWS_REGION: Lambda reserves/,
    ],
    [
      'a layer that is elsewhere',
      {
        Drops: queue,
        Role: role,
        L: {
          ...lambda,
          Properties: { ...lambda.Properties, Layers: ['arn:aws:lambda:us-east-1:1:layer:x:1'] },
        },
      },
      /L .*Layers: the layer arn:aws:lambda:us-east-1:1:layer:x:1: is missing/,
    ],
    [
      'the retries of a function that is elsewhere',
      {
        C: {
          Type: 'AWS::Lambda::EventInvokeConfig',
          Properties: { FunctionName: 'other', Qualifier: '$LATEST', MaximumRetryAttempts: 0 },
        },
      },
      /C .*FunctionName: the template has no function other/,
    ],
    [
      'a source that is no queue of the template',
      {
        Drops: queue,
        Role: role,
        Lambda: lambda,
        M: {
          Type: 'AWS::Lambda::EventSourceMapping',
          Properties: {
            EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:other',
            FunctionName: { Ref: 'Lambda' },
          },
        },
      },
      /M .*EventSourceArn: arn:aws:sqs:us-east-1:000000000000:other: only queues of the template/,
    ],
    [
      'another way to tell of failures',
      {
        Drops: queue,
        Role: role,
        Lambda: lambda,
        M: {
          Type: 'AWS::Lambda::EventSourceMapping',
          Properties: {
            EventSourceArn: { 'Fn::GetAtt': 'Drops.Arn' },
            FunctionName: { Ref: 'Lambda' },
            FunctionResponseTypes: ['All'],
          },
        },
      },
      /M .*FunctionResponseTypes: All is not understood/,
    ],
    [
      'a second HTTP API',
      Object.fromEntries(
        ['A', 'B'].map((id) => [
          id,
          { Type: 'AWS::ApiGatewayV2::Api', Properties: { ProtocolType: 'HTTP' } },
        ]),
      ),
      /AWS::ApiGatewayV2::Api: only one/,
    ],
    [
      'a property of a layer',
      {
        L: {
          Type: 'AWS::Lambda::LayerVersion',
          Properties: { Content: { S3Bucket: 'b', S3Key: 'l.zip', S3ObjectVersion: '1' } },
        },
      },
      /L .*Content\.S3ObjectVersion: .*property/,
    ],
    [
      'a property of a policy',
      { P: { Type: 'AWS::IAM::Policy', Properties: { PolicyDocument: { Statement: [] }, Users: ['u'] } } },
      /P .*\.Users: .*property/,
    ],
    ['a condition on a resource', { Q: { ...queue, Condition: 'Prod' } }, /Q\.Condition/],
    [
      'a foreign runtime',
      {
        Drops: queue,
        Role: role,
        L: { ...lambda, Properties: { ...lambda.Properties, Runtime: 'python3.14' } },
      },
      /python3\.14 cannot be run here/,
    ],
  ];

  it.each(refusals)('is refused, naming %s', (_what, resources, message) => {
    expect(() => plan(resources)).toThrow(
      expect.objectContaining({ code: 'PLAN_NOT_UNDERSTOOD', message: expect.stringMatching(message) }),
    );
  });

  it('is refused when it is not there', () => {
    expect(() => readPlan(join(dir, 'nowhere'), place)).toThrow(/package the service first/);
  });
});

describe('a bundle', () => {
  it('is unpacked to what was packed', () => {
    const path = fc.stringMatching(/^[a-z0-9]{1,8}(\/[a-z0-9]{1,8}){0,2}\.mjs$/);
    fc.assert(
      fc.property(fc.dictionary(path, fc.string({ unit: 'grapheme' }), { maxKeys: 4 }), (files) => {
        const folder = mkdtempSync(join(dir, 'out-'));
        unzip(zip(files), folder, 'bundle');
        for (const [name, text] of Object.entries(files))
          expect(readFileSync(join(folder, name), 'utf8')).toBe(text);
      }),
      { numRuns: 25 },
    );
  });

  it('does not leave its folder, and a torn one is refused', () => {
    expect(() => unzip(zip({ '../evil.mjs': '' }), join(dir, 'in'), 'bundle')).toThrow(/outside its folder/);
    expect(() => unzip(Buffer.from('PK no'), dir, 'bundle')).toThrow(/is not a zip archive/);
  });

  it('gets a folder by its content, and replaces the one before', () => {
    const archives = ['one', 'two'].map((text) => {
      const name = `${text}.zip`;
      return join(writePackage(dir, { resources: {}, bundles: { [name]: { 'a.mjs': text } } }), name);
    });
    const folders = [0, 0, 1].map((index) =>
      unpack({ archive: archives[index] ?? '', name: 'f' }, join(dir, 'functions')),
    );
    expect(folders[0]).toBe(folders[1]);
    expect(readFileSync(join(folders[2] ?? '', 'a.mjs'), 'utf8')).toBe('two');
    expect(() => readFileSync(join(folders[0] ?? '', 'a.mjs'))).toThrow();
  });
});
