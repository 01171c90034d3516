import { PlanError } from './plan-error.ts';
import type { Place, Resource } from './template.ts';

/** What a resource is called, and what Ref and Fn::GetAtt give for it. */
export interface Named {
  readonly name: string;
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** The property that holds the name, where the type has one; else the name is made from the logical id. */
const NAME_PROPERTY: Readonly<Record<string, string>> = {
  'AWS::S3::Bucket': 'BucketName',
  'AWS::IAM::Role': 'RoleName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::Events::Rule': 'Name',
  'AWS::Events::EventBus': 'Name',
  'AWS::SQS::Queue': 'QueueName',
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::ECR::Repository': 'RepositoryName',
  'AWS::CodeBuild::Project': 'Name',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::ApiGatewayV2::Stage': 'StageName',
};

export function nameOf(
  resource: Resource,
  place: Place,
  resolve: (value: unknown, where: string) => unknown,
): Named {
  const property = NAME_PROPERTY[resource.type];
  const declared = property && resource.properties[property];
  const generated = resource.type === 'AWS::S3::Bucket' ? resource.id.toLowerCase() : resource.id;
  const name = declared === undefined ? generated : resolve(declared, `${resource.id}.${property}`);
  if (typeof name !== 'string') throw new PlanError(`${resource.id}.${property}`, 'text was expected');
  const bus = resource.properties.EventBusName;
  const path = String(resolve(resource.properties.Path ?? '/', `${resource.id}.Path`));
  const busName = bus === undefined ? 'default' : String(resolve(bus, `${resource.id}.EventBusName`));
  return { name, ...identify(resource.type, name, busName, path, place) };
}

function identify(
  type: string,
  name: string,
  bus: string,
  path: string,
  { identity, awsEndpoint }: Place,
): Omit<Named, 'name'> {
  const { account, region } = identity;
  const arn = (service: string, rest: string) => `arn:aws:${service}:${region}:${account}:${rest}`;
  switch (type) {
    case 'AWS::S3::Bucket':
      return { ref: name, attributes: { Arn: `arn:aws:s3:::${name}` } };
    case 'AWS::IAM::Role':
      return { ref: name, attributes: { Arn: `arn:aws:iam::${account}:role${path}${name}` } };
    case 'AWS::Lambda::Function':
      return { ref: name, attributes: { Arn: arn('lambda', `function:${name}`) } };
    case 'AWS::Events::Rule':
      return {
        ref: name,
        attributes: { Arn: arn('events', bus === 'default' ? `rule/${name}` : `rule/${bus}/${name}`) },
      };
    case 'AWS::Events::EventBus':
      return { ref: name, attributes: { Arn: arn('events', `event-bus/${name}`), Name: name } };
    case 'AWS::SQS::Queue': {
      const url = `${awsEndpoint}/${account}/${name}`;
      return { ref: url, attributes: { Arn: arn('sqs', name), QueueName: name, QueueUrl: url } };
    }
    case 'AWS::DynamoDB::Table':
      return { ref: name, attributes: { Arn: arn('dynamodb', `table/${name}`) } };
    case 'AWS::ECR::Repository': {
      const uri = `${account}.dkr.ecr.${region}.amazonaws.com/${name}`;
      return { ref: name, attributes: { Arn: arn('ecr', `repository/${name}`), RepositoryUri: uri } };
    }
    case 'AWS::CodeBuild::Project':
      return { ref: name, attributes: { Arn: arn('codebuild', `project/${name}`) } };
    case 'AWS::Logs::LogGroup':
      return { ref: name, attributes: { Arn: arn('logs', `log-group:${name}:*`) } };
    default:
      return { ref: name, attributes: {} };
  }
}
