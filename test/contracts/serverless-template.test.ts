/** The template against the code that it deploys, and against the promises of the design. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTemplate, serviceOf, type Template } from './architecture/template.ts';
import { templateRules } from './architecture/template-rules.ts';

const root = join(import.meta.dirname, '../..');
const template = readTemplate(root);
const functions = Object.entries(template.functions);
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const exportsOf = (service: string): string[] =>
  [...read(`services/${service}/handler.ts`).matchAll(/^export const (\w+)/gm)].map(([, name]) => name ?? '');
const services = [...new Set(functions.map(([, fn]) => serviceOf(fn)))];

describe('the template', () => {
  it.each(Object.entries(templateRules))('keeps the rule %s', (_, rule) => {
    expect(rule(template)).toEqual([]);
  });

  it('points at handlers that are there, and leaves none out', () => {
    expect(services.sort()).toEqual(['deployment', 'ingest', 'monitoring', 'status', 'training']);
    for (const service of services) {
      const pointed = functions
        .filter(([, fn]) => serviceOf(fn) === service)
        .map(([, { handler }]) => handler.replace(`services/${service}/handler.`, ''));
      expect(pointed.sort()).toEqual(exportsOf(service).sort());
    }
  });

  it('names a function after its service and its trigger', () => {
    for (const [key, { name, handler }] of functions) {
      const trigger = handler
        .split('.')
        .at(-1)
        ?.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      expect(key).toBe(`${handler.split('/')[1]}-${trigger}`);
      expect(name).toBe(`\${self:custom.prefix}-${key}`);
      // Stage of 10 characters; Lambda allows 64.
      expect(`ratchet-${'s'.repeat(10)}-${key}`.length).toBeLessThanOrEqual(64);
    }
  });

  it('gives every function the settings that its service asks for', () => {
    for (const [key, fn] of functions) {
      const config = read(`services/${serviceOf(fn)}/config.ts`);
      const list = /readEnvironment\(process\.env, \[([^\]]*)\]/.exec(config)?.[1] ?? '';
      const wanted = [...list.matchAll(/'(\w+)'/g)].map(([, name]) => name ?? '');
      const given = [
        ...Object.keys(template.provider.environment),
        ...Object.keys(fn.environment ?? {}),
        'AWS_REGION',
        'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
      ];
      expect(wanted.length).toBeGreaterThan(0);
      expect([key, wanted.filter((name) => !given.includes(name))]).toEqual([key, []]);
    }
  });

  it('gives DuckDB to the functions that prepare datasets alone, for their architecture', () => {
    const having = functions.filter(([, { layers }]) => layers).map(([key, { layers }]) => [key, layers]);
    const layer = [{ Ref: 'DuckdbLambdaLayer' }];
    expect(having).toEqual([
      ['ingest-on-dataset-received', layer],
      ['ingest-on-processing-job-state', layer],
      ['ingest-on-sweep', layer],
    ]);
    const { compatibleArchitectures, compatibleRuntimes, package: made } = template.layers.duckdb!;
    expect(compatibleArchitectures).toEqual([template.provider.architecture]);
    expect(compatibleRuntimes).toEqual([template.provider.runtime]);
    expect(made.artifact).toContain(`linux-\${self:provider.architecture}`);
  });

  it('listens to every event that moves a run on', () => {
    const heard = functions.flatMap(([, { events }]) =>
      events.flatMap(({ eventBridge }) => (eventBridge?.eventBus ? eventBridge.pattern['detail-type'] : [])),
    );
    expect(heard.sort()).toEqual([
      'DatasetPrepared.v1',
      'DatasetReceived.v1',
      'ModelApproved.v1',
      'ModelTrained.v1',
      'RetrainingRequested.v1',
    ]);
  });

  it('brings every service whose runs wait a sweep, and pulls sources', () => {
    const swept = functions
      .filter(([, { events }]) => events.some(({ schedule }) => schedule))
      .map(([key]) => key);
    expect(swept.sort()).toEqual([
      'deployment-on-sweep',
      'ingest-on-source-schedule',
      'ingest-on-sweep',
      'monitoring-on-sweep',
      'training-on-sweep',
    ]);
  });
});

type Change = (copy: {
  functions: Record<string, never>;
  custom: Record<string, never>;
  Resources: Record<string, never>;
}) => void;

describe('the rules of the template find', () => {
  const fn = 'training-on-sweep';
  // biome-ignore lint/suspicious/noExplicitAny: a planted fault has no shape.
  const planted: [keyof typeof templateRules, string, (copy: any) => void][] = [
    [
      'onlyOurs',
      'a rule for all training jobs',
      (t) => delete t.functions['training-on-training-job-state'].events[0].eventBridge.pattern.detail,
    ],
    [
      'onlyOurs',
      'a rule for all buckets',
      (t) => delete t.Resources.DropsRule.Properties.EventPattern.detail.bucket,
    ],
    [
      'onlyOurs',
      'a rule for all that we write',
      (t) => delete t.Resources.CapturesRule.Properties.EventPattern.detail.object,
    ],
    [
      'declaredEvents',
      'an event that nobody declares',
      (t) =>
        t.functions['training-on-dataset-prepared'].events[0].eventBridge.pattern['detail-type'].push(
          'DatasetPrepared.v2',
        ),
    ],
    [
      'declaredEvents',
      'an event from another source',
      (t) => {
        t.functions['training-on-dataset-prepared'].events[0].eventBridge.pattern.source = [
          'ratchet.training',
        ];
      },
    ],
    [
      'oneEndpointChanger',
      'another that changes endpoints',
      (t) => t.functions[fn].iamRoleStatements.push(`\${self:custom.may.changeEndpoints}`),
    ],
    [
      'noWideActions',
      'one who may do all',
      (t) => t.functions[fn].iamRoleStatements.push({ Effect: 'Allow', Action: '*', Resource: 'x' }),
    ],
    [
      'noWideActions',
      'one who may do all of SageMaker',
      (t) =>
        t.functions[fn].iamRoleStatements.push({ Effect: 'Allow', Action: ['sagemaker:*'], Resource: 'x' }),
    ],
    [
      'noWideResources',
      'one who may write to every table',
      (t) => {
        t.custom.may.writeItems.Resource = '*';
      },
    ],
    [
      'ownVoice',
      'one who speaks as another',
      (t) => t.functions[fn].iamRoleStatements.push(`\${self:custom.may.publishAsIngest}`),
    ],
    ['ownVoice', 'one who speaks as anybody', (t) => delete t.custom.may.publishAsTraining.Condition],
    [
      'noCircles',
      'one who writes captures',
      (t) => {
        t.custom.may.writeReports.Resource['Fn::Sub'] = `\${ArtifactsBucket.Arn}/*`;
      },
    ],
    [
      'nothingIsLost',
      'a rule without a dead-letter queue',
      (t) => delete t.functions['training-on-dataset-prepared'].events[0].eventBridge.deadLetterQueueArn,
    ],
    ['nothingIsLost', 'a function without a failure queue', (t) => delete t.functions[fn].destinations],
    [
      'nothingIsLost',
      'a batch that fails as one',
      (t) => delete t.functions['ingest-on-drop'].events[0].sqs.functionResponseType,
    ],
    [
      'guardedDoors',
      'an open door',
      (t) => delete t.functions['status-on-request'].events[0].httpApi.authorizer,
    ],
    [
      'patientQueues',
      'an impatient queue',
      (t) => {
        t.Resources.Drops.Properties.VisibilityTimeout = 60;
      },
    ],
    ['patientQueues', 'a queue without an end', (t) => delete t.Resources.Drops.Properties.RedrivePolicy],
  ];

  it.each(planted)('%s: %s', (name, _, change) => {
    const copy = structuredClone(template);
    (change as unknown as Change)(copy as never);
    expect(templateRules[name](copy as Template)).not.toEqual([]);
  });
});
