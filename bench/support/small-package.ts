/** The smallest service with both ways from a bucket to a function: by the rule itself, and through a queue. */
import { writePackage } from '../../local/plan/package-fixture.ts';

export const BUCKET = 'bench-drop';
/** Objects below these prefixes go to a function by a rule, through a queue to a function, or to a queue alone. */
export const PREFIX = { rule: 'rule/', queue: 'queue/', kept: 'kept/' } as const;

const arn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
const resource = (type: string, Properties: object) => ({ Type: `AWS::${type}`, Properties });

/** Each tells the bench the key that it was called for, as its last deed. */
const HANDLERS = `
import { Agent, request } from 'node:http';
const agent = new Agent({ keepAlive: true });
const tell = (key) => new Promise((resolve, reject) => {
  const outgoing = request(process.env.DONE_URL + key, { agent, method: 'POST' }, (answer) => answer.resume().once('end', resolve));
  outgoing.once('error', reject);
  outgoing.end();
});
export const onEvent = ({ detail }) => tell(detail.object.key);
export const onMessages = async ({ Records }) => {
  await Promise.all(Records.map(({ body }) => tell(JSON.parse(body).detail.object.key)));
  return { batchItemFailures: [] };
};
`;

/** Writes it to `dir`, as `serverless package` does. The functions post each key to `doneUrl` (which ends in a slash). */
export function writeSmallPackage(dir: string, doneUrl: string): string {
  const fn = (name: string) =>
    resource('Lambda::Function', {
      Code: { S3Bucket: 'zips', S3Key: 'x/handlers.zip' },
      FunctionName: `bench-${name}`,
      Handler: `handlers.${name}`,
      Runtime: 'nodejs24.x',
      Environment: { Variables: { DONE_URL: doneUrl } },
      Role: arn('Role'),
    });
  const rule = (prefix: string, target: string) =>
    resource('Events::Rule', {
      EventPattern: {
        source: ['aws.s3'],
        'detail-type': ['Object Created'],
        detail: { bucket: { name: [BUCKET] }, object: { key: [{ prefix }] } },
      },
      Targets: [{ Id: 'target', Arn: arn(target) }],
    });
  const resources = {
    Bucket: resource('S3::Bucket', {
      BucketName: BUCKET,
      NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
    }),
    Role: resource('IAM::Role', { RoleName: 'bench', AssumeRolePolicyDocument: {} }),
    OnEvent: fn('onEvent'),
    OnMessages: fn('onMessages'),
    Drops: resource('SQS::Queue', { QueueName: 'bench-drops' }),
    Kept: resource('SQS::Queue', { QueueName: 'bench-kept' }),
    ByRule: rule(PREFIX.rule, 'OnEvent'),
    ByQueue: rule(PREFIX.queue, 'Drops'),
    ToKept: rule(PREFIX.kept, 'Kept'),
    Mapping: resource('Lambda::EventSourceMapping', {
      EventSourceArn: arn('Drops'),
      FunctionName: arn('OnMessages'),
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    }),
  };
  const none = { Value: 'none' };
  return writePackage(dir, {
    resources,
    outputs: { DropBucket: { Value: BUCKET }, ArtifactsBucket: none, BusName: none, TableName: none },
    bundles: { 'handlers.zip': { 'handlers.mjs': HANDLERS } },
  });
}
