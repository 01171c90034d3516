import { JSON_NEEDS, restNeeds } from './needs.ts';
import { s3Needs } from './s3-needs.ts';

const identity = { account: '000000000000', region: 'us-east-1' };

describe('what a request to S3 needs', () => {
  it.each([
    ['GET /', 's3:ListAllMyBuckets', '*'],
    ['PUT /b', 's3:CreateBucket', 'arn:aws:s3:::b'],
    ['HEAD /b', 's3:ListBucket', 'arn:aws:s3:::b'],
    ['GET /b?list-type=2&prefix=a', 's3:ListBucket', 'arn:aws:s3:::b'],
    ['GET /b/?location', 's3:GetBucketLocation', 'arn:aws:s3:::b'],
    ['GET /b?versions', 's3:ListBucketVersions', 'arn:aws:s3:::b'],
    ['POST /b?delete', 's3:DeleteObject', 'arn:aws:s3:::b/*'],
    ['GET /b/k', 's3:GetObject', 'arn:aws:s3:::b/k'],
    ['HEAD /b/k?versionId=1', 's3:GetObjectVersion', 'arn:aws:s3:::b/k'],
    ['PUT /b/a%20b%2Bc%252F', 's3:PutObject', 'arn:aws:s3:::b/a b+c%2F'],
    ['PUT /b/../../other/k', 's3:PutObject', 'arn:aws:s3:::b/../../other/k'],
    ['POST /b/k?uploads', 's3:PutObject', 'arn:aws:s3:::b/k'],
    ['GET /b/k?uploadId=1', 's3:ListMultipartUploadParts', 'arn:aws:s3:::b/k'],
    ['DELETE /b/k?uploadId=1', 's3:AbortMultipartUpload', 'arn:aws:s3:::b/k'],
    ['DELETE /b/k?versionId=1', 's3:DeleteObjectVersion', 'arn:aws:s3:::b/k'],
  ])('%s: %s on %s', (request, action, resource) => {
    const [method = '', target = ''] = request.split(' ');
    expect(s3Needs({ method, target, headers: {} })).toMatchObject([{ action, resource }]);
  });

  it.each(['list-type=2&', 'versions&'])('a list (%s) tells by which prefix it asks', (kind) => {
    const target = `/b?${kind}prefix=a/&max-keys=5`;
    expect(s3Needs({ method: 'GET', target, headers: {} })).toMatchObject([
      { context: { 's3:prefix': 'a/', 's3:max-keys': '5' } },
    ]);
  });

  it('a copy needs to read its source, by version too', () => {
    const headers = { 'x-amz-copy-source': '/o/a%20b?versionId=7' };
    expect(s3Needs({ method: 'PUT', target: '/b/k', headers })).toEqual([
      { action: 's3:PutObject', resource: 'arn:aws:s3:::b/k' },
      { action: 's3:GetObjectVersion', resource: 'arn:aws:s3:::o/a b' },
    ]);
  });
});

describe('what a JSON call needs', () => {
  const sagemaker = (kind: string) => `arn:aws:sagemaker:us-east-1:000000000000:${kind}`;
  it.each([
    [
      'sagemaker',
      'UpdateEndpoint',
      { EndpointName: 'e', EndpointConfigName: 'c' },
      ['endpoint-config/c', 'endpoint/e'],
    ],
    ['sagemaker', 'UpdateEndpointWeightsAndCapacities', { EndpointName: 'e' }, ['endpoint/e']],
    ['sagemaker', 'DescribeEndpointConfig', { EndpointConfigName: 'c' }, ['endpoint-config/c']],
    ['sagemaker', 'StopTrainingJob', { TrainingJobName: 't' }, ['training-job/t']],
  ] as const)('%s %s names its resources', (service, operation, input, resources) => {
    expect(JSON_NEEDS[service]?.({ operation, input }, identity)).toEqual(
      resources.map((resource) => ({ action: `${service}:${operation}`, resource: sagemaker(resource) })),
    );
  });

  it('ListTags names the ARN, ListModels nothing', () => {
    const needs = (operation: string, input: object) =>
      JSON_NEEDS.sagemaker?.({ operation, input: { ...input } }, identity);
    expect(needs('ListTags', { ResourceArn: 'arn:x' })).toEqual([
      { action: 'sagemaker:ListTags', resource: 'arn:x' },
    ]);
    expect(needs('ListModels', {})).toEqual([{ action: 'sagemaker:ListModels', resource: '*' }]);
  });

  it('every entry of PutEvents counts, with its source', () => {
    const Entries = [
      { Source: 'a', DetailType: 'A', EventBusName: 'arn:aws:events:us-east-1:000000000000:event-bus/life' },
      { Source: 'b', DetailType: 'B' },
    ];
    expect(JSON_NEEDS.events?.({ operation: 'PutEvents', input: { Entries } }, identity)).toMatchObject([
      { resource: 'arn:aws:events:us-east-1:000000000000:event-bus/life', context: { 'events:source': 'a' } },
      {
        resource: 'arn:aws:events:us-east-1:000000000000:event-bus/default',
        context: { 'events:source': 'b' },
      },
    ]);
  });

  it('reading many items needs leave for the table of each', () => {
    const input = { RequestItems: { runs: { Keys: [] }, others: { Keys: [] } } };
    expect(JSON_NEEDS.dynamodb?.({ operation: 'BatchGetItem', input }, identity)).toEqual(
      ['runs', 'others'].map((table) => ({
        action: 'dynamodb:BatchGetItem',
        resource: `arn:aws:dynamodb:us-east-1:000000000000:table/${table}`,
      })),
    );
  });

  it('a batch needs what one message needs', () => {
    const input = { QueueUrl: 'http://127.0.0.1:1/000000000000/work' };
    expect(JSON_NEEDS.sqs?.({ operation: 'SendMessageBatch', input }, identity)).toEqual([
      { action: 'sqs:SendMessage', resource: 'arn:aws:sqs:us-east-1:000000000000:work' },
    ]);
  });
});

it('a REST call names its function or endpoint in its path', () => {
  expect(restNeeds('lambda', '/2015-03-31/functions/f/invocations', identity)).toEqual([
    { action: 'lambda:InvokeFunction', resource: 'arn:aws:lambda:us-east-1:000000000000:function:f' },
  ]);
  expect(restNeeds('sagemaker-runtime', '/endpoints/e/invocations', identity)).toEqual([
    { action: 'sagemaker:InvokeEndpoint', resource: 'arn:aws:sagemaker:us-east-1:000000000000:endpoint/e' },
  ]);
});
