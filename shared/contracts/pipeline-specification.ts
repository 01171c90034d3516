/** What a pipeline declares: its data, training, gate, deployment and monitoring. Written in YAML or JSON. */
import { type Static, Type } from '@sinclair/typebox';
import { DURATION } from './duration.ts';
import { PIPELINE_NAME, PIPELINE_NAME_MAX } from './names.ts';

const closed = { additionalProperties: false } as const;
const share = (description: string, fallback: number) =>
  Type.Number({ minimum: 0, maximum: 1, default: fallback, description });
const duration = (description: string, fallback: string) =>
  Type.String({ pattern: DURATION, default: fallback, description });
const columnName = Type.String({ minLength: 1, maxLength: 128 });

const Column = Type.Object(
  {
    name: Type.String({
      minLength: 1,
      maxLength: 128,
      description: 'Header name; `p{0..783}` declares 784 columns',
    }),
    type: Type.Union([Type.Literal('integer'), Type.Literal('number'), Type.Literal('text')], {
      description: 'How a cell is read; a cell that cannot be read quarantines its row',
    }),
    minimum: Type.Optional(
      Type.Number({ description: 'Smallest allowed value; a smaller one quarantines the row' }),
    ),
    maximum: Type.Optional(
      Type.Number({ description: 'Largest allowed value; a larger one quarantines the row' }),
    ),
    missing: Type.Optional(
      Type.Union(
        [
          Type.Literal('quarantine'),
          Type.Literal('allow'),
          Type.Object({ constant: Type.Union([Type.Number(), Type.String()]) }, closed),
        ],
        {
          default: 'quarantine',
          description:
            'What an empty cell means: `quarantine` (default), `allow`, or a constant that fills it',
        },
      ),
    ),
    canonical: Type.Optional(
      Type.Record(Type.String(), Type.Array(Type.String(), { minItems: 1 }), {
        description: 'One spelling for many, case and blanks folded: `United States: [US, USA]`',
      }),
    ),
    unknown: Type.Optional(
      Type.Union([Type.Literal('keep'), Type.Literal('quarantine')], {
        default: 'keep',
        description: 'What a value outside `canonical` means',
      }),
    ),
    encode: Type.Optional(
      Type.Union([Type.Literal('one-hot'), Type.Literal('ordinal')], {
        description:
          'How a text column with `canonical` values becomes features, in the order they are declared',
      }),
    ),
  },
  closed,
);

const Derived = Type.Object(
  {
    name: columnName,
    formula: Type.String({
      minLength: 1,
      maxLength: 1000,
      description:
        'Arithmetic over number columns: + - * / ( ), abs, ceil, exp, floor, log, max, min, pow, round, sqrt',
    }),
  },
  closed,
);

const Data = Type.Object(
  {
    format: Type.Literal('csv', { default: 'csv' }),
    seal: Type.String({
      pattern: `^(each|manifest|quiet ${DURATION.slice(1, -1)})$`,
      default: 'quiet 1 minute',
      description:
        'When dropped files become a dataset: `each` file, after `quiet <time>`, or by a `manifest`',
    }),
    mode: Type.Union([Type.Literal('append'), Type.Literal('replace')], { default: 'append' }),
    columns: Type.Array(Column, { minItems: 1, maxItems: 1000 }),
    derive: Type.Array(Derived, { default: [], maxItems: 200 }),
    target: Type.String({ minLength: 1, description: 'The column to be predicted; numeric' }),
    features: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        minItems: 1,
        description:
          'Columns the model sees, in order; by default every number column, encoded and derived one but the target',
      }),
    ),
    duplicates: Type.Union([Type.Literal('drop'), Type.Literal('keep')], {
      default: 'drop',
      description: 'Rows equal in every declared column: `drop` all but the first',
    }),
    split: Type.Object(
      {
        test: share('Share held out for the gate', 0.15),
        validation: share('Share held out for the training job', 0.1),
        key: Type.Optional(
          Type.Array(columnName, { minItems: 1, description: 'Rows with equal key stay together' }),
        ),
      },
      { ...closed, default: {} },
    ),
    quality: Type.Object(
      {
        minimumRows: Type.Integer({
          minimum: 1,
          default: 50,
          description: 'Fewer clean rows reject the dataset',
        }),
        maximumQuarantined: share('A larger share of quarantined rows rejects the dataset', 0.2),
      },
      { ...closed, default: {} },
    ),
  },
  closed,
);

const Train = Type.Object(
  {
    image: Type.String({
      minLength: 1,
      maxLength: 255,
      description: 'One of our containers (`digits`, `xgboost`) or a full ECR image URI',
    }),
    instance: Type.String({
      pattern: '^ml\\.',
      default: 'ml.m5.large',
      description: 'GPU: for example ml.g5.xlarge',
    }),
    fallbackInstances: Type.Array(Type.String({ pattern: '^ml\\.' }), {
      default: [],
      maxItems: 2,
      description: 'Tried in order when there is no capacity',
    }),
    volumeGb: Type.Integer({ minimum: 1, maximum: 16384, default: 20 }),
    hyperparameters: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()]), {
      default: {},
    }),
    maximumRuntime: duration('The job is stopped after this time', '1 hour'),
    attempts: Type.Integer({ minimum: 1, maximum: 3, default: 3 }),
    spot: Type.Boolean({
      default: false,
      description: 'Managed spot instances: cheaper, may be interrupted; the last attempt does without',
    }),
  },
  closed,
);

const Evaluate = Type.Object(
  {
    metric: Type.Union(
      ['accuracy', 'log-loss', 'rmse', 'mae'].map((name) => Type.Literal(name as Metric)),
      {
        description: 'accuracy: higher is better; log-loss, rmse, mae: lower is better',
      },
    ),
    prediction: Type.Union([Type.Literal('label'), Type.Literal('probability'), Type.Literal('value')], {
      description: 'What the model answers a row with: the class, the probability of class 1, or a number',
    }),
    threshold: Type.Number({ default: 0.5, description: 'For `probability`: from here on the class is 1' }),
    required: Type.Number({ description: 'A candidate whose metric is worse than this is rejected' }),
    margin: Type.Number({
      minimum: 0,
      default: 0.01,
      description: 'How much worse than the champion a candidate may be, in units of the metric',
    }),
    instance: Type.String({ pattern: '^ml\\.', default: 'ml.m5.large' }),
  },
  closed,
);

const Deploy = Type.Object(
  {
    instance: Type.String({ pattern: '^ml\\.', default: 'ml.m5.large' }),
    instances: Type.Integer({ minimum: 1, maximum: 100, default: 1 }),
    canary: Type.Object(
      {
        weights: Type.Array(Type.Number({ exclusiveMinimum: 0, maximum: 0.5 }), {
          default: [0.1],
          minItems: 1,
          maxItems: 5,
          description: 'Shares of live traffic, one after the other, before the challenger gets all',
        }),
        minimumRequests: Type.Integer({
          minimum: 10,
          default: 500,
          description: 'Requests of the challenger per weight',
        }),
        minimumTime: duration('Time per weight', '10 minutes'),
        timeout: duration('Without a verdict by then it is extended once, then rolled back', '2 hours'),
        errorMargin: share('Promotion needs the bound on added failures to be below this', 0.02),
        latencyRatio: Type.Number({
          minimum: 1,
          default: 2,
          description: "A p90 latency this many times the champion's rolls back",
        }),
        latencyFloor: Type.Number({
          minimum: 0,
          default: 20,
          description: 'Milliseconds of p90 below which latency never rolls back',
        }),
      },
      { ...closed, default: {} },
    ),
  },
  { ...closed, default: {} },
);

const Monitor = Type.Object(
  {
    capture: Type.Integer({
      minimum: 0,
      maximum: 100,
      default: 100,
      description: 'Percent of requests captured',
    }),
    window: Type.Integer({ minimum: 200, default: 500, description: 'Captured inferences in one window' }),
    drift: Type.Object(
      {
        falseDiscoveryRate: share('Benjamini-Hochberg rate over all features of a window', 0.05),
        effect: share(
          'Smallest difference between distributions that counts (Kolmogorov-Smirnov, 0 to 1)',
          0.15,
        ),
        features: share('Share of features that must have drifted', 0.05),
        windows: Type.Integer({
          minimum: 1,
          maximum: 3,
          default: 2,
          description: 'Drifted windows among the last three',
        }),
      },
      { ...closed, default: {} },
    ),
    quality: Type.Object(
      {
        minimumLabels: Type.Integer({
          minimum: 30,
          default: 200,
          description: 'Labelled inferences before quality is judged',
        }),
        tolerance: Type.Number({
          minimum: 0,
          default: 0.05,
          description: "Loss against the gate's figure that counts as degraded",
        }),
      },
      { ...closed, default: {} },
    ),
    retrain: Type.Object(
      {
        automatic: Type.Boolean({ default: true }),
        minimumLabels: Type.Integer({
          minimum: 1,
          default: 500,
          description: 'Newly labelled inferences a retraining needs',
        }),
        coolDown: duration('Least time between two retrainings', '6 hours'),
        rejections: Type.Integer({
          minimum: 1,
          default: 2,
          description: 'Rejected retrainings in a row that stop further ones',
        }),
      },
      { ...closed, default: {} },
    ),
  },
  { ...closed, default: {} },
);

type Metric = 'accuracy' | 'log-loss' | 'rmse' | 'mae';

export const PipelineSpecificationSchema = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    name: Type.String({ pattern: PIPELINE_NAME, maxLength: PIPELINE_NAME_MAX }),
    description: Type.Optional(Type.String({ maxLength: 500 })),
    data: Data,
    train: Train,
    evaluate: Evaluate,
    deploy: Deploy,
    monitor: Monitor,
  },
  { ...closed, $id: 'PipelineSpecification', title: 'Ratchet pipeline specification' },
);

/** A specification with every default filled in. */
export type PipelineSpecification = Static<typeof PipelineSpecificationSchema>;
export type DataSpecification = PipelineSpecification['data'];
export type ColumnSpecification = DataSpecification['columns'][number];
