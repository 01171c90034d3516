import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { Errors, type ValueError, ValueErrorType } from '@sinclair/typebox/errors';
import { AwsError } from '../aws-error.ts';
import type { JsonAction } from '../ports.ts';

/** `title` keeps the pattern as AWS shows it. */
const text = (minLength: number, maxLength: number, title = '[^]*') =>
  Type.String({ minLength, maxLength, title, pattern: `^(?:${title})$` });
const structure = <T extends Record<string, TSchema>>(members: T) =>
  Type.Object(members, { additionalProperties: false });
const list = <T extends TSchema>(item: T, maxItems: number) => Type.Array(item, { minItems: 1, maxItems });

const NAME = text(1, 64, '[\\.\\-_A-Za-z0-9]+');
const BUS_NAME = '[/\\.\\-_A-Za-z0-9]+';
const BUS_ARN = 'arn:aws[\\w-]*:events:[a-z]+-[a-z]+-[\\w-]+:[0-9]{12}:event-bus\\/';
const ARN = Type.Optional(text(1, 1600));
const ON_BUS = { EventBusName: Type.Optional(text(1, 1600, `(${BUS_ARN})?${BUS_NAME}`)) };
const NAMED = structure({ Name: NAME, ...ON_BUS });
const OF_RULE = { Rule: NAME, ...ON_BUS };
const PAGE = {
  NextToken: Type.Optional(text(1, 2048)),
  Limit: Type.Optional(Type.Number({ minimum: 1, maximum: 100 })),
};
const TRANSFORMER = structure({
  InputPathsMap: Type.Optional(Type.Record(Type.String(), text(0, 256), { maxProperties: 100 })),
  InputTemplate: text(1, 8192),
});
const RETRY_POLICY = structure({
  MaximumRetryAttempts: Type.Optional(Type.Number({ minimum: 0, maximum: 185 })),
  MaximumEventAgeInSeconds: Type.Optional(Type.Number({ minimum: 60, maximum: 86_400 })),
});
const TARGET = structure({
  Id: NAME,
  Arn: text(1, 1600),
  RoleArn: ARN,
  Input: Type.Optional(text(0, 8192)),
  InputPath: Type.Optional(text(0, 256)),
  InputTransformer: Type.Optional(TRANSFORMER),
  DeadLetterConfig: Type.Optional(structure({ Arn: ARN })),
  RetryPolicy: Type.Optional(RETRY_POLICY),
});
const YEARS_1_TO_9999 = { minimum: -62_135_596_800, maximum: 253_402_300_799 };
const ENTRY = structure({
  Time: Type.Optional(Type.Number(YEARS_1_TO_9999)),
  Source: Type.Optional(Type.String()),
  Resources: Type.Optional(Type.Array(Type.String())),
  DetailType: Type.Optional(Type.String()),
  Detail: Type.Optional(Type.String()),
  TraceHeader: Type.Optional(text(1, 500)),
  ...ON_BUS,
});

/** EventBridge's model of the requests that are offered; what it has beyond these members is refused.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Operations.html */
const REQUESTS = {
  DeleteRule: NAMED,
  DescribeRule: NAMED,
  DisableRule: NAMED,
  EnableRule: NAMED,
  ListEventBuses: structure({ NamePrefix: Type.Optional(text(1, 256, BUS_NAME)), ...PAGE }),
  ListRules: structure({ NamePrefix: Type.Optional(NAME), ...ON_BUS, ...PAGE }),
  ListTargetsByRule: structure({ ...OF_RULE, ...PAGE }),
  PutEvents: structure({ Entries: list(ENTRY, 10) }),
  PutRule: structure({
    Name: NAME,
    ScheduleExpression: Type.Optional(text(0, 256)),
    EventPattern: Type.Optional(text(0, 4096)),
    State: Type.Optional(text(0, 64, 'ENABLED|DISABLED|ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS')),
    Description: Type.Optional(text(0, 512)),
    RoleArn: ARN,
    ...ON_BUS,
  }),
  PutTargets: structure({ ...OF_RULE, Targets: list(TARGET, 100) }),
  RemoveTargets: structure({ ...OF_RULE, Ids: list(NAME, 100) }),
  TestEventPattern: structure({ EventPattern: text(0, 4096), Event: Type.String() }),
};

type Action = keyof typeof REQUESTS;
export type Request<A extends Action> = Static<(typeof REQUESTS)[A]>;

/** Actions that are reached only by requests that fit EventBridge's model; others get its ValidationException. */
export function checked(
  actions: {
    readonly [A in Action]: (request: Request<A>) => unknown;
  },
): Record<string, JsonAction> {
  const guard = (name: Action): JsonAction => {
    return (input) => {
      const failures = [...Errors(REQUESTS[name], input)].flatMap(failureOf);
      const count = failures.length === 1 ? '1 validation error' : `${failures.length} validation errors`;
      if (failures.length > 0) throw invalid(`${count} detected: ${failures.join('; ')}`);
      return actions[name](input as never);
    };
  };
  return Object.fromEntries(Object.keys(actions).map((name) => [name, guard(name as Action)]));
}

/** EventBridge's ValidationException. */
export function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

/** What AWS demands of a member that breaks a constraint: its words, and the keyword that holds the bound. */
const DEMANDS: Partial<Record<ValueErrorType, readonly [words: string, keyword?: string]>> = {
  [ValueErrorType.ObjectRequiredProperty]: ['not be null'],
  [ValueErrorType.StringPattern]: ['satisfy regular expression pattern: ', 'title'],
  [ValueErrorType.StringMinLength]: ['have length greater than or equal to ', 'minLength'],
  [ValueErrorType.StringMaxLength]: ['have length less than or equal to ', 'maxLength'],
  [ValueErrorType.ArrayMinItems]: ['have length greater than or equal to ', 'minItems'],
  [ValueErrorType.ArrayMaxItems]: ['have length less than or equal to ', 'maxItems'],
  [ValueErrorType.ObjectMaxProperties]: ['have length less than or equal to ', 'maxProperties'],
  [ValueErrorType.NumberMinimum]: ['have value greater than or equal to ', 'minimum'],
  [ValueErrorType.NumberMaximum]: ['have value less than or equal to ', 'maximum'],
};

function failureOf({ type, path, schema, value }: ValueError): string[] {
  const members = path.slice(1).split('/');
  if (type === ValueErrorType.ObjectAdditionalProperties)
    throw invalid(`The embedded cloud does not offer the parameter ${members.at(-1)}.`);
  const [words, keyword = ''] = DEMANDS[type] ?? [];
  // What is missing is told once, and not again for its type.
  if (!words && value === undefined) return [];
  if (!words) throw new AwsError('SerializationException', `${path} has another type than ${schema.type}.`);
  const at = members.map((name) =>
    /^\d+$/.test(name) ? `${Number(name) + 1}.member` : name.charAt(0).toLowerCase() + name.slice(1),
  );
  const shown = typeof value === 'string' ? value : JSON.stringify(value ?? null).slice(0, 1_000);
  const quoted = value === undefined ? 'null' : `'${shown}'`;
  return [
    `Value ${quoted} at '${at.join('.')}' failed to satisfy constraint: Member must ${words}${schema[keyword] ?? ''}`,
  ];
}
