/** Our evaluation of identity policies against that of iam-simulate (npm, AGPL-3.0: installed beside the project for this
 * test alone), over generated policies and calls. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { evaluate, type Need } from '../../local/iam/evaluate.ts';
import { readPolicy } from '../../local/plan/policy.ts';

const SIMULATOR = '@cloud-copilot/iam-simulate';
const VERSION = '0.1.173';
const HOME = join(import.meta.dirname, '../../node_modules/.cache/conformance', `iam-simulate-${VERSION}`);
const RUNS = 1_500;

type Simulate = (simulation: object, options: object) => Promise<{ readonly overallResult?: string }>;

async function simulator(): Promise<Simulate> {
  const home = join(HOME, 'node_modules', SIMULATOR);
  if (!existsSync(home)) {
    mkdirSync(HOME, { recursive: true });
    const args = ['install', '--prefix', HOME, '--ignore-scripts', '--no-save', `${SIMULATOR}@${VERSION}`];
    execFileSync('npm', args, { stdio: 'ignore' });
  }
  const module = (await import(pathToFileURL(join(home, 'dist/esm/index.js')).href)) as {
    runSimulation: Simulate;
  };
  return module.runSimulation;
}

const ACCOUNT = '000000000000';
const TABLE = `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table`;
const CALLS: readonly { action: string; resource: string }[] = [
  { action: 'dynamodb:PutItem', resource: `${TABLE}/ratchet-dev` },
  { action: 'dynamodb:Query', resource: `${TABLE}/ratchet-dev/index/due` },
  { action: 's3:GetObject', resource: 'arn:aws:s3:::drop/incoming/a.csv' },
  { action: 's3:ListBucket', resource: 'arn:aws:s3:::drop' },
  {
    action: 'sagemaker:DescribeModel',
    resource: `arn:aws:sagemaker:us-east-1:${ACCOUNT}:model/ratchet-dev-m`,
  },
];
const ACTIONS = [
  ...['*', 'dynamodb:PutItem', 'dynamodb:*Item', 'DynamoDB:putitem', 'dynamodb:?uery', 's3:Get*', 's3:*'],
  ...['s3:ListBucket', 'sagemaker:Describe*', 'sagemaker:CreateModel'],
];
const RESOURCES = [
  ...[
    '*',
    `${TABLE}/*`,
    `${TABLE}/ratchet-dev`,
    `${TABLE}/ratchet-dev/index/*`,
    'arn:aws:dynamodb:*:*:table/*',
  ],
  ...['arn:aws:s3:::drop', 'arn:aws:s3:::drop/*', 'arn:aws:s3:::dro?/incoming/*.csv', 'arn:aws:s3:::other/*'],
  ...['arn:*:sagemaker:us-*:*:model/ratchet-dev-*', `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:model/*`],
];
/** Condition keys of each kind, with values that they take. */
const TEXTS = ['us-east-1', 'eu-west-1', 'US-EAST-1', 'us'];
const NUMBERS = ['1', '10', '100'];
const KEYS = {
  'aws:RequestedRegion': TEXTS,
  'aws:TagKeys': ['team', 'run', 'Team'],
  'aws:MultiFactorAuthAge': NUMBERS,
  'aws:SecureTransport': ['true', 'false'],
  'aws:SourceArn': [`${TABLE}/ratchet-dev`, 'arn:aws:s3:::drop'],
} as const;
type Key = keyof typeof KEYS;
const KINDS: Readonly<Record<Key, readonly string[]>> = {
  'aws:RequestedRegion': [
    'StringEquals',
    'StringNotEquals',
    'StringLike',
    'StringNotLike',
    'StringEqualsIgnoreCase',
  ],
  'aws:TagKeys': ['StringEquals', 'StringLike', 'StringNotEquals'],
  'aws:MultiFactorAuthAge': [
    'NumericEquals',
    'NumericLessThan',
    'NumericGreaterThanEquals',
    'NumericNotEquals',
  ],
  'aws:SecureTransport': ['Bool'],
  'aws:SourceArn': ['ArnEquals', 'ArnLike', 'ArnNotLike'],
};
const ARN_PATTERNS: readonly string[] = ['arn:aws:s3:::*', 'arn:aws:dynamodb:*:*:table/*', 'arn:*:s3:::dro?'];
const TEXT_PATTERNS: readonly string[] = ['us-*', '*', 'te?m', '?s-east-1'];

const some = (values: readonly string[]) =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 });

/** An operator and a key that go together; a key of many values wants a quantifier. */
const condition = fc.constantFrom(...(Object.keys(KEYS) as Key[])).chain((key) =>
  fc
    .record({
      base: fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...KINDS[key]) }, fc.constant('Null')),
      quantifier: fc.constantFrom('ForAllValues:', 'ForAnyValue:'),
      ifExists: fc.boolean(),
      values: some(KEYS[key]),
      pattern: fc.constantFrom(...(key === 'aws:SourceArn' ? ARN_PATTERNS : TEXT_PATTERNS)),
      isNull: fc.constantFrom('true', 'false'),
    })
    .map(({ base, quantifier, ifExists, values, pattern, isNull }) => {
      if (base === 'Null') return { Null: { [key]: isNull } };
      const operator = `${key === 'aws:TagKeys' ? quantifier : ''}${base}${ifExists ? 'IfExists' : ''}`;
      return { [operator]: { [key]: base.includes('Like') ? [...values, pattern] : values } };
    }),
);

const statement = fc
  .record({
    Effect: fc.constantFrom('Allow', 'Allow', 'Deny'),
    Action: some(ACTIONS),
    notAction: fc.integer({ min: 0, max: 7 }),
    Resource: some(RESOURCES),
    notResource: fc.integer({ min: 0, max: 7 }),
    Condition: fc.option(condition, { nil: undefined }),
  })
  .map(({ Effect, Action, notAction, Resource, notResource, Condition }) => ({
    Effect,
    [notAction === 0 ? 'NotAction' : 'Action']: Action,
    [notResource === 0 ? 'NotResource' : 'Resource']: Resource,
    ...(Condition && { Condition }),
  }));

const context = fc.record(
  {
    'aws:RequestedRegion': fc.constantFrom(...TEXTS),
    'aws:TagKeys': some(KEYS['aws:TagKeys']),
    'aws:MultiFactorAuthAge': fc.constantFrom(...NUMBERS),
    'aws:SecureTransport': fc.constantFrom('true', 'false'),
    'aws:SourceArn': fc.constantFrom(...KEYS['aws:SourceArn']),
  },
  { requiredKeys: [] },
);

it(`decides ${RUNS} generated calls as iam-simulate ${VERSION} does`, async () => {
  const simulate = await simulator();
  const decisions = { allowed: 0, 'not-allowed': 0, denied: 0 };
  const theirs = { Allowed: 'allowed', ImplicitlyDenied: 'not-allowed', ExplicitlyDenied: 'denied' } as const;
  const statements = fc.array(statement, { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(statements, fc.constantFrom(...CALLS), context, async (Statement, call, known) => {
      const policy = { Version: '2012-10-17', Statement };
      const lower = Object.entries(known).map(([key, value]) => [key.toLowerCase(), value] as const);
      const need: Need = { ...call, context: Object.fromEntries(lower) };
      const ours = evaluate([readPolicy(policy, 'policy')], need);
      decisions[ours] += 1;
      const { action, resource } = call;
      const result = await simulate(
        {
          request: {
            principal: `arn:aws:sts::${ACCOUNT}:assumed-role/role/session`,
            action,
            resource: { resource, accountId: ACCOUNT },
            contextVariables: known,
          },
          identityPolicies: [{ name: 'policy', policy }],
          serviceControlPolicies: [],
          resourceControlPolicies: [],
        },
        {},
      );
      expect(ours).toBe(theirs[result.overallResult as keyof typeof theirs]);
    }),
    { numRuns: RUNS },
  );
  for (const count of Object.values(decisions)) expect(count).toBeGreaterThan(RUNS / 50);
}, 120_000);
