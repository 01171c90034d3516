/** What must hold of the template, as functions from the template to what breaks it. */
import { contracts } from '../../../shared/contracts/events.ts';
import {
  actionsOf,
  type FunctionTemplate,
  type Pattern,
  resourceStatements,
  type Statement,
  serviceOf,
  statementsOf,
  type Template,
} from './template.ts';

type Rule = (template: Template) => string[];
type Named = readonly [name: string, fn: FunctionTemplate];

const functionsOf = ({ functions }: Template): Named[] => Object.entries(functions);
const text = (value: unknown): string => JSON.stringify(value) ?? '';

/** Rules of functions and of the template itself, with the bus they listen to (undefined: the default bus). */
function rulesOf(template: Template): { name: string; bus: unknown; pattern: Pattern }[] {
  const ofFunctions = functionsOf(template).flatMap(([name, { events }]) =>
    events.flatMap(({ eventBridge }) =>
      eventBridge ? [{ name, bus: eventBridge.eventBus, pattern: eventBridge.pattern }] : [],
    ),
  );
  const own = Object.entries(template.Resources)
    .filter(([, { Type }]) => Type === 'AWS::Events::Rule')
    .map(([name, { Properties }]) => ({
      name,
      bus: Properties.EventBusName,
      pattern: Properties.EventPattern as Pattern,
    }));
  return [...ofFunctions, ...own];
}

const OUR_NAMES = /\{"prefix":"\$\{self:custom\.prefix\}-([a-z]+-)?"\}/;
/** Users drop where they like, and see what was misplaced; of our own bucket a rule sees one folder. */
const OUR_OBJECTS = [
  /"bucket":\{"name":\[\{"Ref":"DropBucket"\}\]\}/,
  /"bucket":\{"name":\[\{"Ref":"ArtifactsBucket"\}\]\},"object":\{"key":\[\{"prefix":"[a-z-]+\/"\}\]\}/,
];

const isOfOurs = ({ detail }: Pattern): boolean =>
  OUR_NAMES.test(text(detail)) || OUR_OBJECTS.some((objects) => objects.test(text(detail)));

/** Rules on the account's default bus see what others do, too. */
const onlyOurs: Rule = (template) =>
  rulesOf(template)
    .filter(({ bus, pattern }) => bus === undefined && !isOfOurs(pattern))
    .map(({ name }) => `the rule of ${name} sees what is not ours`);

const declaredEvents: Rule = (template) =>
  rulesOf(template)
    .filter(({ bus }) => bus !== undefined)
    .flatMap(({ name, pattern }) =>
      pattern['detail-type'].flatMap((event) => {
        const contract = contracts[event as keyof typeof contracts];
        if (!contract) return [`the rule of ${name} waits for ${event}, which nobody declares`];
        return pattern.source.includes(contract.source)
          ? []
          : [`${event} does not come from ${pattern.source}`];
      }),
    );

const CHANGES_ENDPOINTS = /^sagemaker:(Create|Update|Delete)Endpoint/;

const oneEndpointChanger: Rule = (template) =>
  functionsOf(template)
    .filter(([, fn]) =>
      statementsOf(template, fn).some((s) => actionsOf(s).some((a) => CHANGES_ENDPOINTS.test(a))),
    )
    .filter(([name]) => name !== 'deployment-on-endpoint-wish')
    .map(([name]) => `${name} may change endpoints`);

const isWide = (statement: Statement): boolean =>
  statement.Effect === 'Allow' &&
  actionsOf(statement).some((action) => action.endsWith('*') && !/^(s3|logs):[A-Z]\w+\*$/.test(action));

const noWideActions: Rule = (template) => [
  ...functionsOf(template).flatMap(([name, fn]) =>
    statementsOf(template, fn)
      .filter(isWide)
      .map(({ Action }) => `${name} may do ${text(Action)}`),
  ),
  ...resourceStatements(template)
    .filter(isWide)
    .map(({ Action }) => `a role of the template may do ${text(Action)}`),
];

/** No ${…:custom.may…} that some function does not use, and none with every resource but where AWS has no other. */
const WITHOUT_RESOURCE = ['cloudwatch:GetMetricData', 'ecr:DescribeImages'];
const noWideResources: Rule = (template) =>
  functionsOf(template).flatMap(([name, fn]) =>
    statementsOf(template, fn)
      .filter(({ Resource }) => Resource === '*')
      .filter((statement) => !actionsOf(statement).every((action) => WITHOUT_RESOURCE.includes(action)))
      .map(({ Action }) => `${name} may do ${text(Action)} to everything`),
  );

/** A service speaks for itself, and for those before it in a run: one that died may have left its events in the run,
 * and who takes the run over publishes them under their own names. */
const VOICES: Readonly<Record<string, readonly string[]>> = {
  ingest: ['ingest'],
  training: ['ingest', 'training'],
  deployment: ['ingest', 'training', 'deployment'],
  monitoring: ['monitoring'],
};

const ownVoice: Rule = (template) =>
  functionsOf(template).flatMap(([name, fn]) => {
    const voices = (VOICES[serviceOf(fn)] ?? []).map((service) => `ratchet.${service}`);
    return statementsOf(template, fn)
      .filter((statement) => actionsOf(statement).includes('events:PutEvents'))
      .map(({ Condition }) => [Condition?.StringEquals?.['events:source'] ?? []].flat())
      .filter((sources) => text([...sources].sort()) !== text([...voices].sort()))
      .map((sources) => `${name} may speak as ${text(sources)}, and should as ${text(voices)}`);
  });

/** It drops what sources bring, as a person would. */
const DROPS_FILES = 'ingest-on-source-schedule';

/** Objects that we write must not start our own rules, or we would go round in circles. */
const noCircles: Rule = (template) =>
  functionsOf(template).flatMap(([name, fn]) =>
    statementsOf(template, fn)
      .filter((statement) => actionsOf(statement).includes('s3:PutObject'))
      .filter(
        ({ Resource }) =>
          !/^\{"Fn::Sub":"\$\{ArtifactsBucket\.Arn\}\/(datasets|reports|sources)\/\*"\}$/.test(
            text(Resource),
          ),
      )
      .filter(
        ({ Resource }) =>
          name !== DROPS_FILES || text(Resource) !== `{"Fn::Sub":"\${DropBucket.Arn}/incoming/*"}`,
      )
      .map(({ Resource }) => `${name} may write ${text(Resource)}, which starts a rule`),
  );

const nothingIsLost: Rule = (template) =>
  functionsOf(template).flatMap(([name, { events, destinations }]) =>
    events.flatMap(({ eventBridge, schedule, sqs }) => {
      const isAsync = eventBridge !== undefined || schedule !== undefined;
      const checks: readonly (readonly [isBroken: boolean, problem: string])[] = [
        [eventBridge !== undefined && !eventBridge.deadLetterQueueArn, 'what cannot be delivered is lost'],
        [isAsync && !destinations?.onFailure, 'what fails is lost'],
        [sqs !== undefined && sqs.functionResponseType !== 'ReportBatchItemFailures', 'a batch fails as one'],
        [sqs !== undefined && !sqs.maximumConcurrency, "a storm takes all of the account's concurrency"],
      ];
      return checks.filter(([isBroken]) => isBroken).map(([, problem]) => `${name}: ${problem}`);
    }),
  );

const guardedDoors: Rule = (template) =>
  functionsOf(template).flatMap(([name, { events }]) =>
    events.flatMap(({ httpApi }) =>
      httpApi && httpApi.authorizer?.type !== 'aws_iam'
        ? [`${name}: ${httpApi.path} is open to everybody`]
        : [],
    ),
  );

/** A message must not come back while its function may still work on it: six times the function's time, as AWS asks. */
const patientQueues: Rule = (template) =>
  functionsOf(template).flatMap(([name, { events, timeout = template.provider.timeout }]) =>
    events.flatMap(({ sqs }) => {
      const [queue = ''] = (sqs?.arn as { 'Fn::GetAtt'?: string[] } | undefined)?.['Fn::GetAtt'] ?? [];
      if (!sqs) return [];
      const { VisibilityTimeout = 30, RedrivePolicy } = template.Resources[queue]?.Properties ?? {};
      const isShort = Number(VisibilityTimeout) < 6 * timeout;
      return [
        ...(isShort ? [`${name}: ${queue} shows a message again while it is worked on`] : []),
        ...(RedrivePolicy ? [] : [`${name}: ${queue} shows a poisoned message for ever`]),
      ];
    }),
  );

export const templateRules = {
  onlyOurs,
  declaredEvents,
  oneEndpointChanger,
  noWideActions,
  noWideResources,
  ownVoice,
  noCircles,
  nothingIsLost,
  guardedDoors,
  patientQueues,
} as const satisfies Record<string, Rule>;
