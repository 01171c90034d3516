import { AwsError } from '../aws-error.ts';
import type { JsonAction } from '../ports.ts';

/** Checks a member's value: adds what fails the constraints of EventBridge's model, and throws SerializationException
 * for a value of another type. */
type Check = (value: unknown, at: string, failures: string[]) => void;

const failed = (value: unknown, at: string, constraint: string) =>
  `Value ${value === null ? 'null' : `'${shown(value)}'`} at '${at}' failed to satisfy constraint: Member must ${constraint}`;

const shown = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value).slice(0, 1_000));

const wrongType = (at: string, expected: string) =>
  new AwsError('SerializationException', `${at || 'The request'} must be a ${expected}.`);

/** EventBridge's ValidationException. */
export function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

function text(most = Number.POSITIVE_INFINITY, pattern = '[^]*'): Check {
  const whole = new RegExp(`^(?:${pattern})$`);
  return (value, at, failures) => {
    if (typeof value !== 'string') throw wrongType(at, 'string');
    if (value.length > most) failures.push(failed(value, at, `have length less than or equal to ${most}`));
    if (!whole.test(value))
      failures.push(failed(value, at, `satisfy regular expression pattern: ${pattern}`));
  };
}

function oneOf(...values: readonly string[]): Check {
  return (value, at, failures) => {
    if (!values.includes(String(value)))
      failures.push(failed(value, at, `satisfy enum value set: [${values.join(', ')}]`));
  };
}

function number(least: number, most: number): Check {
  return (value, at, failures) => {
    if (typeof value !== 'number') throw wrongType(at, 'number');
    if (value < least) failures.push(failed(value, at, `have value greater than or equal to ${least}`));
    if (value > most) failures.push(failed(value, at, `have value less than or equal to ${most}`));
  };
}

function list(item: Check, most: number, least = 1): Check {
  return (value, at, failures) => {
    if (!Array.isArray(value)) throw wrongType(at, 'list');
    if (value.length > most) failures.push(failed(value, at, `have length less than or equal to ${most}`));
    if (value.length < least)
      failures.push(failed(value, at, `have length greater than or equal to ${least}`));
    value.forEach((each, index) => {
      item(each, `${at}.${index + 1}.member`, failures);
    });
  };
}

function map(key: Check, item: Check, most: number): Check {
  return (value, at, failures) => {
    const entries = Object.entries(objectOf(value, at));
    if (entries.length > most) failures.push(failed(value, at, `have length less than or equal to ${most}`));
    for (const [name, each] of entries) {
      key(name, `${at}.key`, failures);
      item(each, `${at}.${name}.member`, failures);
    }
  };
}

/** What is not named is not offered. */
function structure(members: Readonly<Record<string, Check>>, ...required: readonly string[]): Check {
  return (value, at, failures) => {
    const given = objectOf(value, at);
    const unknown = Object.keys(given).find((name) => !Object.hasOwn(members, name));
    if (unknown) throw invalid(`The embedded cloud does not offer the parameter ${unknown}.`);
    for (const [name, check] of Object.entries(members)) {
      const path = `${at}${at ? '.' : ''}${name.charAt(0).toLowerCase()}${name.slice(1)}`;
      const member = given[name] ?? null;
      if (member !== null) check(member, path, failures);
      else if (required.includes(name)) failures.push(failed(null, path, 'not be null'));
    }
  };
}

function objectOf(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw wrongType(at, 'structure');
}

const NAME = text(64, '[\\.\\-_A-Za-z0-9]+');
const BUS_NAME = '[/\\.\\-_A-Za-z0-9]+';
const BUS = text(1600, `(arn:aws[\\w-]*:events:[a-z]+-[a-z]+-[\\w-]+:[0-9]{12}:event-bus\\/)?${BUS_NAME}`);
const ARN = text(1600, '[^]+');
const PAGE = { NextToken: text(2048), Limit: number(1, 100) };
const NAMED = structure({ Name: NAME, EventBusName: BUS }, 'Name');
const TARGET = structure(
  {
    Id: NAME,
    Arn: ARN,
    RoleArn: ARN,
    Input: text(8192),
    InputPath: text(256),
    InputTransformer: structure(
      {
        InputPathsMap: map(text(256, '[A-Za-z0-9\\_\\-]+'), text(256), 100),
        InputTemplate: text(8192, '[^]+'),
      },
      'InputTemplate',
    ),
    DeadLetterConfig: structure({ Arn: ARN }),
    RetryPolicy: structure({
      MaximumRetryAttempts: number(0, 185),
      MaximumEventAgeInSeconds: number(60, 86_400),
    }),
  },
  'Id',
  'Arn',
);
const ENTRY = structure({
  Time: number(0, Number.POSITIVE_INFINITY),
  Source: text(),
  Resources: list(text(), Number.POSITIVE_INFINITY, 0),
  DetailType: text(),
  Detail: text(),
  EventBusName: BUS,
  TraceHeader: text(500),
});

/** The constraints of EventBridge's model, by action.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Operations.html */
const REQUESTS: Readonly<Record<string, Check>> = {
  DeleteRule: NAMED,
  DescribeRule: NAMED,
  DisableRule: NAMED,
  EnableRule: NAMED,
  ListEventBuses: structure({ NamePrefix: text(256, BUS_NAME), ...PAGE }),
  ListRules: structure({ NamePrefix: NAME, EventBusName: BUS, ...PAGE }),
  ListTargetsByRule: structure({ Rule: NAME, EventBusName: BUS, ...PAGE }, 'Rule'),
  PutEvents: structure({ Entries: list(ENTRY, 10) }, 'Entries'),
  PutRule: structure(
    {
      Name: NAME,
      ScheduleExpression: text(256),
      EventPattern: text(4096),
      State: oneOf('ENABLED', 'DISABLED', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'),
      Description: text(512),
      RoleArn: ARN,
      EventBusName: BUS,
    },
    'Name',
  ),
  PutTargets: structure({ Rule: NAME, EventBusName: BUS, Targets: list(TARGET, 100) }, 'Rule', 'Targets'),
  RemoveTargets: structure({ Rule: NAME, EventBusName: BUS, Ids: list(NAME, 100) }, 'Rule', 'Ids'),
  TestEventPattern: structure({ EventPattern: text(4096), Event: text() }, 'EventPattern', 'Event'),
};

/** Actions that are reached only by requests that fit EventBridge's model; others get its ValidationException. */
export function checked(
  actions: Readonly<Record<string, (input: never) => unknown>>,
): Record<string, JsonAction> {
  const withCheck = ([name, action]: [string, (input: never) => unknown]): [string, JsonAction] => [
    name,
    (input) => {
      const failures: string[] = [];
      REQUESTS[name]!(input, '', failures);
      const count = failures.length === 1 ? '1 validation error' : `${failures.length} validation errors`;
      if (failures.length > 0) throw invalid(`${count} detected: ${failures.join('; ')}`);
      return action(input as never);
    },
  ];
  return Object.fromEntries(Object.entries(actions).map(withCheck));
}
