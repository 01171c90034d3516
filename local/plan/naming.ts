import { textOf } from './fields.ts';
import type { Place, Resource } from './template.ts';

/** What a resource is called. */
export interface Named {
  readonly name: string;
  /** What Ref gives. */
  readonly ref: string;
  /** What Fn::GetAtt gives for `Arn`, the one attribute that is understood; types without a name have none. */
  readonly arn: string | undefined;
}

/** By type, the property that holds the name, and the ARN after `arn:aws:`. */
const NAMED_TYPES: Readonly<Record<string, readonly [property: string, arn: string]>> = {
  'AWS::CodeBuild::Project': ['Name', 'codebuild:{here}:project/{name}'],
  'AWS::DynamoDB::Table': ['TableName', 'dynamodb:{here}:table/{name}'],
  'AWS::ECR::Repository': ['RepositoryName', 'ecr:{here}:repository/{name}'],
  'AWS::Events::EventBus': ['Name', 'events:{here}:event-bus/{name}'],
  'AWS::Events::Rule': ['Name', 'events:{here}:rule/{bus}{name}'],
  'AWS::IAM::Role': ['RoleName', 'iam::{account}:role{path}{name}'],
  'AWS::Lambda::Function': ['FunctionName', 'lambda:{here}:function:{name}'],
  'AWS::Lambda::LayerVersion': ['LayerName', 'lambda:{here}:layer:{name}:1'],
  'AWS::Logs::LogGroup': ['LogGroupName', 'logs:{here}:log-group:{name}:*'],
  'AWS::S3::Bucket': ['BucketName', 's3:::{name}'],
  'AWS::SQS::Queue': ['QueueName', 'sqs:{here}:{name}'],
};

const NAMELESS_TYPES = [
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Stage',
  'AWS::IAM::Policy',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::EventSourceMapping',
];

/** The resource types that read-plan.ts reads or that may be referred to. */
export const KNOWN_TYPES: readonly string[] = [...Object.keys(NAMED_TYPES), ...NAMELESS_TYPES];

export function nameProperty(type: string): string {
  return NAMED_TYPES[type]?.[0] ?? '';
}

/** Names a resource by its property, or by its logical id. `resolve` takes the intrinsics out of a property. */
export function nameOf(
  { id, type, properties }: Resource,
  { identity: { account, region }, awsEndpoint }: Place,
  resolve: (value: unknown, where: string) => unknown,
): Named {
  const property = (key: string): string | undefined => {
    const value = resolve(properties[key], `${id}.${key}`);
    return value === undefined ? undefined : textOf(value, `${id}.${key}`);
  };
  const name = property(nameProperty(type)) ?? (type === 'AWS::S3::Bucket' ? id.toLowerCase() : id);
  const bus = property('EventBusName') ?? 'default';
  const parts: Readonly<Record<string, string>> = {
    name,
    account,
    here: `${region}:${account}`,
    path: property('Path') ?? '/',
    bus: bus === 'default' ? '' : `${bus}/`,
  };
  const pattern = NAMED_TYPES[type]?.[1];
  const arn = pattern && `arn:aws:${pattern.replace(/\{(\w+)\}/g, (_, part: string) => parts[part] ?? '')}`;
  const refs: Readonly<Record<string, string | undefined>> = {
    'AWS::SQS::Queue': `${awsEndpoint}/${account}/${name}`,
    'AWS::Lambda::LayerVersion': arn,
  };
  return { name, ref: refs[type] ?? name, arn };
}
