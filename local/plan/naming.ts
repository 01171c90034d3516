import { textOf } from './fields.ts';
import type { Place, Resource } from './template.ts';

/** What a resource is called, and what Ref and Fn::GetAtt give for it. */
export interface Named {
  readonly name: string;
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

type Attributes = (
  name: string,
  place: Place,
  property: (key: string) => string | undefined,
) => Named['attributes'];

/** The ARN of a resource that belongs to an account and a region. */
const regional =
  (service: string, resource: string): Attributes =>
  (name, { identity }) => ({
    Arn: `arn:aws:${service}:${identity.region}:${identity.account}:${resource.replace('*', name)}`,
  });

type Naming = readonly [nameProperty: string, attributes: Attributes];
const NAMELESS: Naming = ['', () => ({})];

/** Every type that read-plan.ts reads or that may be referred to: the property that holds the name and what Fn::GetAtt gives. */
const TYPES: Readonly<Record<string, Naming>> = {
  'AWS::S3::Bucket': ['BucketName', (name) => ({ Arn: `arn:aws:s3:::${name}` })],
  'AWS::IAM::Role': [
    'RoleName',
    (name, { identity }, property) => ({
      Arn: `arn:aws:iam::${identity.account}:role${property('Path') ?? '/'}${name}`,
    }),
  ],
  'AWS::Lambda::Function': ['FunctionName', regional('lambda', 'function:*')],
  'AWS::Lambda::LayerVersion': ['LayerName', regional('lambda', 'layer:*:1')],
  'AWS::Events::EventBus': [
    'Name',
    (name, place, property) => ({ ...regional('events', 'event-bus/*')(name, place, property), Name: name }),
  ],
  'AWS::Events::Rule': [
    'Name',
    (name, place, property) => {
      const bus = property('EventBusName') ?? 'default';
      return regional('events', bus === 'default' ? 'rule/*' : `rule/${bus}/*`)(name, place, property);
    },
  ],
  'AWS::SQS::Queue': [
    'QueueName',
    (name, place, property) => ({
      ...regional('sqs', '*')(name, place, property),
      QueueName: name,
      QueueUrl: `${place.awsEndpoint}/${place.identity.account}/${name}`,
    }),
  ],
  'AWS::DynamoDB::Table': ['TableName', regional('dynamodb', 'table/*')],
  'AWS::ECR::Repository': ['RepositoryName', regional('ecr', 'repository/*')],
  'AWS::CodeBuild::Project': ['Name', regional('codebuild', 'project/*')],
  'AWS::Logs::LogGroup': ['LogGroupName', regional('logs', 'log-group:*:*')],
  'AWS::IAM::Policy': NAMELESS,
  'AWS::Lambda::EventInvokeConfig': NAMELESS,
  'AWS::Lambda::EventSourceMapping': NAMELESS,
  'AWS::ApiGatewayV2::Api': NAMELESS,
  'AWS::ApiGatewayV2::Stage': NAMELESS,
  'AWS::ApiGatewayV2::Integration': NAMELESS,
  'AWS::ApiGatewayV2::Route': NAMELESS,
};

/** Ref gives the name, but for these the attribute. */
const REF: Readonly<Record<string, string>> = {
  'AWS::SQS::Queue': 'QueueUrl',
  'AWS::Lambda::LayerVersion': 'Arn',
};

export const KNOWN_TYPES: readonly string[] = Object.keys(TYPES);

export function nameProperty(type: string): string | undefined {
  return TYPES[type]?.[0];
}

/** Names a resource by its property, or by its logical id. `resolve` takes the intrinsics out of a property. */
export function nameOf(
  { id, type, properties }: Resource,
  place: Place,
  resolve: (value: unknown, where: string) => unknown,
): Named {
  const property = (key: string): string | undefined => {
    const value = resolve(properties[key], `${id}.${key}`);
    return value === undefined ? undefined : textOf(value, `${id}.${key}`);
  };
  const [nameKey, attributesOf] = TYPES[type] ?? NAMELESS;
  const name = property(nameKey) ?? (type === 'AWS::S3::Bucket' ? id.toLowerCase() : id);
  const attributes = attributesOf(name, place, property);
  return { name, attributes, ref: attributes[REF[type] ?? ''] ?? name };
}
