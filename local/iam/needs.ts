/** What a call of each service needs: the action and resource names of AWS's service authorization reference.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html */
import type { Services } from '../front-door.ts';
import type { Identity } from '../ports.ts';
import type { Need } from './evaluate.ts';
import { sageMakerNeeds } from './sagemaker-needs.ts';

/** A call of a JSON service, or of SQS's Query protocol with its parameters as members. */
export interface JsonCall {
  /** As the API calls it: `PutItem`. */
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

type Needs = (call: JsonCall, identity: Identity) => Need[];

const ANY = '*';

const arn = (service: string, { region, account }: Identity, resource: string): string =>
  `arn:aws:${service}:${region}:${account}:${resource}`;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const dynamoDb: Needs = ({ operation, input }, identity) => {
  const { TableName, IndexName, RequestItems } = input;
  if (operation === 'BatchGetItem')
    return Object.keys(RequestItems ?? {}).map((name) => ({
      action: 'dynamodb:BatchGetItem',
      resource: arn('dynamodb', identity, `table/${name}`),
    }));
  const table = arn('dynamodb', identity, `table/${text(TableName)}`);
  const resource = IndexName === undefined ? table : `${table}/index/${text(IndexName)}`;
  return [{ action: `dynamodb:${operation}`, resource: TableName === undefined ? ANY : resource }];
};

const events: Needs = ({ operation, input }, identity) => {
  const busOf = (name: unknown) => text(name || 'default').replace(/^.*\//, '');
  if (operation === 'PutEvents') {
    const entries = Array.isArray(input.Entries) ? (input.Entries as Record<string, unknown>[]) : [];
    return entries.map(({ EventBusName, Source, DetailType }) => ({
      action: 'events:PutEvents',
      resource: arn('events', identity, `event-bus/${busOf(EventBusName)}`),
      context: { 'events:source': text(Source), 'events:detail-type': text(DetailType) },
    }));
  }
  const bus = busOf(input.EventBusName);
  const rule = text(input.Name ?? input.Rule);
  const path = bus === 'default' ? rule : `${bus}/${rule}`;
  return [
    { action: `events:${operation}`, resource: rule === '' ? ANY : arn('events', identity, `rule/${path}`) },
  ];
};

const sqs: Needs = ({ operation, input }, identity) => {
  const name = text(input.QueueUrl ?? input.QueueName).replace(/^.*\//, '');
  const action = `sqs:${operation.replace(/Batch$/, '')}`;
  return [{ action, resource: name === '' ? ANY : arn('sqs', identity, name) }];
};

const monitoring: Needs = ({ operation, input }) => [
  {
    action: `cloudwatch:${operation}`,
    resource: ANY,
    context: { 'cloudwatch:namespace': text(input.Namespace) },
  },
];

const ecr: Needs = ({ operation, input }, identity) => {
  const resource = arn('ecr', identity, `repository/${text(input.repositoryName)}`);
  return [{ action: `ecr:${operation}`, resource }];
};

const logs: Needs = ({ operation, input }, identity) => {
  const group = text(input.logGroupName ?? input.logGroupIdentifier);
  return [
    {
      action: `logs:${operation}`,
      resource: group === '' ? ANY : arn('logs', identity, `log-group:${group}:*`),
    },
  ];
};

/** The services whose calls name their operation and hold everything else in the body. */
export const JSON_NEEDS: Partial<Readonly<Record<keyof Services | 'logs', Needs>>> = {
  dynamodb: dynamoDb,
  ecr,
  events,
  logs,
  monitoring,
  sagemaker: sageMakerNeeds,
  sqs,
  // Whoever can sign may ask who he is.
  sts: () => [],
};

/** The services whose calls are all in method, path and query. */
export function restNeeds(service: 'lambda' | 'sagemaker-runtime', path: string, identity: Identity): Need[] {
  const name = decodeURIComponent(path.split('/')[service === 'lambda' ? 3 : 2] ?? '');
  if (service === 'sagemaker-runtime')
    return [{ action: 'sagemaker:InvokeEndpoint', resource: arn('sagemaker', identity, `endpoint/${name}`) }];
  if (name === '') return [{ action: 'lambda:ListFunctions', resource: ANY }];
  const resource = arn('lambda', identity, `function:${name.replace(/^.*:function:/, '')}`);
  return [{ action: 'lambda:InvokeFunction', resource }];
}
