/** What a pipeline declares: its data, training, gate, deployment and monitoring. Written in YAML or JSON. */
import { type Static, Type } from '@sinclair/typebox';
import { DataSchema, type DataSpecification as DeclaredData } from './data-schema.ts';
import { DURATION } from './duration.ts';
import { PIPELINE_NAME, PIPELINE_NAME_MAX } from './names.ts';

const closed = { additionalProperties: false } as const;
const share = (description: string, fallback: number) =>
  Type.Number({ minimum: 0, maximum: 1, default: fallback, description });
const duration = (description: string, fallback: string) =>
  Type.String({ pattern: DURATION, default: fallback, description });
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
    fallbackInstances: Type.Array(Type.String({ pattern: '^ml\\.', description: 'An instance type' }), {
      default: [],
      maxItems: 2,
      description: 'Tried in order when there is no capacity',
    }),
    volumeGb: Type.Integer({
      minimum: 1,
      maximum: 16384,
      default: 20,
      description: 'Disk of the training job in GB',
    }),
    hyperparameters: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()]), {
      default: {},
      description: 'What the algorithm is told, as its container documents it',
    }),
    maximumRuntime: duration('The job is stopped after this time', '1 hour'),
    attempts: Type.Integer({
      minimum: 1,
      maximum: 3,
      default: 3,
      description: 'How often a job is begun before its run has failed',
    }),
    spot: Type.Boolean({
      default: false,
      description: 'Managed spot instances: cheaper, may be interrupted; the last attempt does without',
    }),
  },
  { ...closed, description: 'How a candidate is trained: one SageMaker training job' },
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
    instance: Type.String({
      pattern: '^ml\\.',
      default: 'ml.m5.large',
      description: 'Where the held-out rows are predicted',
    }),
  },
  { ...closed, description: 'The gate: what a candidate must show on held-out rows' },
);

const Deploy = Type.Object(
  {
    instance: Type.String({
      pattern: '^ml\\.',
      default: 'ml.m5.large',
      description: 'Where the model serves',
    }),
    instances: Type.Integer({
      minimum: 1,
      maximum: 100,
      default: 1,
      description: 'How many instances serve each variant',
    }),
    records: Type.Union([Type.Literal('raw'), Type.Literal('features')], {
      default: 'raw',
      description:
        'What applications send: records as they were dropped (`raw`, the default), which are cleaned in front of the model, or the very numbers that the model sees (`features`)',
    }),
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
      { ...closed, default: {}, description: 'The challenger takes a small share of live requests first' },
    ),
  },
  { ...closed, default: {}, description: 'How a model that passed the gate comes to serve' },
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
      { ...closed, default: {}, description: 'When live records differ from those of the training' },
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
      { ...closed, default: {}, description: 'When the champion has become worse than at its gate' },
    ),
    retrain: Type.Object(
      {
        automatic: Type.Boolean({ default: true, description: 'Whether drift or lost quality retrains' }),
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
      { ...closed, default: {}, description: 'When the pipeline trains again by itself' },
    ),
  },
  { ...closed, default: {}, description: 'After promotion: is the world still the one of the training?' },
);

type Metric = 'accuracy' | 'log-loss' | 'rmse' | 'mae';

export const PipelineSpecificationSchema = Type.Object(
  {
    $schema: Type.Optional(Type.String({ description: 'Where an editor finds this schema' })),
    name: Type.String({
      pattern: PIPELINE_NAME,
      maxLength: PIPELINE_NAME_MAX,
      description: 'Lower-case letters, digits and single dashes',
    }),
    description: Type.Optional(Type.String({ maxLength: 500, description: 'What the pipeline is for' })),
    data: DataSchema,
    train: Train,
    evaluate: Evaluate,
    deploy: Deploy,
    monitor: Monitor,
  },
  { ...closed, $id: 'PipelineSpecification', title: 'Ratchet pipeline specification' },
);

/** A specification with every default filled in. */
export type PipelineSpecification = Static<typeof PipelineSpecificationSchema>;
export type DataSpecification = DeclaredData;
export type ColumnSpecification = DataSpecification['columns'][number];
export type DerivedSpecification = DataSpecification['derive'][number];
