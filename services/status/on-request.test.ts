import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Pipeline } from '../../shared/lifecycle/pipeline.ts';
import type { Phase, Run } from '../../shared/lifecycle/run.ts';
import {
  modelOf,
  pipelineOf,
  receivedRun,
  runIdOfNumber,
  runIn,
  specificationOf,
} from '../../shared/lifecycle/testing/example-runs.ts';
import { HttpProblem } from '../../shared/runtime/handle-http.ts';
import { buildOnRequest } from './on-request.ts';
import type { PageQuery, StatusPorts } from './ports.ts';

const numbered = <P extends Phase>(phase: P, number: number): Run => {
  const run = runIn(phase, receivedRun({ number }));
  return 'model' in run && run.model ? ({ ...run, model: modelOf(number) } as Run) : run;
};
const runs = [
  numbered('preparing', 6),
  numbered('canary', 5),
  numbered('rejected', 4),
  numbered('rolled-back', 3),
  numbered('promoted', 2),
  numbered('promoted', 1),
];
const wine: Pipeline = pipelineOf(specificationOf(), {
  champion: modelOf(2),
  head: { version: 'd1', prefix: 's3://artifacts/datasets/wine/d1/', preparation: 'p' },
  runCounter: 6,
  canarySlot: { holder: { runId: runIdOfNumber(5), number: 5 } },
  desired: {
    revision: 4,
    settled: 3,
    attempts: 1,
    variants: [
      { model: modelOf(2), weight: 0.9 },
      { model: modelOf(5), weight: 0.1 },
    ],
  },
});
const beer = pipelineOf(specificationOf({ name: 'beer' }));
const mead = pipelineOf(
  specificationOf({
    name: 'mead',
    data: {
      sources: [
        { url: 'https://example.org/a.csv', every: '1 hour', name: 'table' },
        { url: 's3://bucket/a.csv', every: '1 day' },
      ],
    },
  }),
);

function page<T>(items: readonly T[], { limit, next }: PageQuery) {
  const from = Number(next ?? 0);
  const shown = items.slice(from, from + limit);
  return { items: shown, ...(from + limit < items.length ? { next: String(from + limit) } : {}) };
}

const serving = {
  name: 'ratchet-test-wine',
  status: 'InService',
  configuration: 'c',
  variants: [{ model: modelOf(2).name, weight: 1 }],
};
const dataset = {
  version: 'd1',
  prefix: 's3://artifacts/datasets/wine/d1/',
  rows: { train: 70, validation: 10, test: 20 },
  quarantined: 3,
  aside: [
    {
      rule: 'not-a-number',
      column: 'a',
      rows: 3,
      reason: 'a is "x", which is not a number',
      remedy: 'mend it',
    },
  ],
};
const ports: StatusPorts = {
  pipelines: async (query) => page([beer, wine], query),
  pipeline: async (name) => [beer, mead, wine].find((pipeline) => pipeline.name === name),
  sources: async () => [
    {
      name: 'table',
      url: 'https://example.org/a.csv',
      drops: 1,
      failures: 2,
      checkedAt: Date.UTC(2026, 0, 1),
      problem: { reason: 'https://example.org/a.csv answered 404', at: '2026-01-01T00:00:00.000Z' },
      last: { key: 'incoming/mead/source-table/000001-aa.csv', bytes: 9, sha256: 'aa', at: '2025-12-31' },
      job: { name: 'ratchet-dev-source-aa-1', since: '2026-01-01T00:00:00.000Z' },
      jobs: 1,
    },
    { name: '2', url: 's3://another/a.csv', drops: 4, failures: 0 },
  ],
  runs: async (name, query) => page(name === 'wine' ? runs : [], query),
  run: async (runId) => runs.find((run) => run.runId === runId),
  datasets: async (name, query) => page(name === 'wine' ? [dataset] : [], query),
  windows: async (name, query) => page(name === 'wine' ? [{ number: 1 }] : [], query),
  monitor: async (name) => (name === 'wine' ? { model: 'm', groundTruth: { matched: 7 } } : undefined),
  endpoint: async (name) => (name === 'wine' ? serving : undefined),
  report: async (uri) => ({ uri, verdict: 'approved' }),
};

const onRequest = buildOnRequest(ports);

/** Asks for a path as API Gateway would. */
async function get(route: string, names: Record<string, string> = {}, query: Record<string, string> = {}) {
  const { status, body } = await onRequest({
    routeKey: `GET ${route}`,
    pathParameters: names,
    queryStringParameters: query,
  } as unknown as APIGatewayProxyEventV2);
  expect(status).toBe(200);
  // biome-ignore lint/suspicious/noExplicitAny: a body is what JSON makes of it.
  return JSON.parse(JSON.stringify(body)) as any;
}

async function refusal(...call: Parameters<typeof get>) {
  const error = await get(...call).catch((refused: unknown) => refused);
  if (!(error instanceof HttpProblem)) throw new Error(`Not refused: ${JSON.stringify(error)}`);
  return { status: error.status, ...error.problem };
}

const model = (number: number) => modelOf(number).name;
const inWine = { pipeline: 'wine' };

describe('pipelines', () => {
  it('are listed with what they are up to', async () => {
    expect(await get('/v1/pipelines')).toEqual({
      pipelines: [
        { name: 'beer', runs: 0, updatedAt: expect.any(String) },
        {
          name: 'wine',
          champion: model(2),
          dataset: 'd1',
          runs: 6,
          canary: runIdOfNumber(5),
          updatedAt: expect.any(String),
        },
      ],
    });
  });

  it('are shown whole, one by one', async () => {
    expect(await get('/v1/pipelines/{pipeline}', inWine)).toMatchObject({
      name: 'wine',
      specification: { name: 'wine' },
    });
  });

  it('show what their sources brought, why they could not be read, what pulls them, and nothing of a former address', async () => {
    const { sources } = await get('/v1/pipelines/{pipeline}', { pipeline: 'mead' });
    expect(sources).toEqual([
      {
        name: 'table',
        url: 'https://example.org/a.csv',
        every: '1 hour',
        drops: 1,
        failures: 2,
        checkedAt: '2026-01-01T00:00:00.000Z',
        problem: {
          reason: 'https://example.org/a.csv answered 404',
          at: '2026-01-01T00:00:00.000Z',
        },
        last: { key: 'incoming/mead/source-table/000001-aa.csv', bytes: 9, sha256: 'aa', at: '2025-12-31' },
        job: { name: 'ratchet-dev-source-aa-1', since: '2026-01-01T00:00:00.000Z' },
      },
      { name: '2', url: 's3://bucket/a.csv', every: '1 day', drops: 4, failures: 0 },
    ]);
  });

  it('have datasets, an endpoint, monitoring and ground truth', async () => {
    expect(await get('/v1/pipelines/{pipeline}/datasets', inWine)).toEqual({
      datasets: [{ ...dataset, quarantine: 's3://artifacts/datasets/wine/d1/quarantine.jsonl' }],
    });
    expect(await get('/v1/pipelines/{pipeline}/endpoint', inWine)).toEqual({
      champion: model(2),
      serving,
      desired: {
        revision: 4,
        settled: 3,
        attempts: 1,
        variants: [
          { model: model(2), weight: 0.9 },
          { model: model(5), weight: 0.1 },
        ],
      },
    });
    expect(await get('/v1/pipelines/{pipeline}/monitoring', inWine)).toMatchObject({
      monitor: { model: 'm' },
      windows: [{ number: 1 }],
    });
    expect(await get('/v1/pipelines/{pipeline}/ground-truth', inWine)).toEqual({
      groundTruth: { matched: 7 },
    });
  });

  it('that have nothing yet say so without an error', async () => {
    const names = { pipeline: 'beer' };
    expect(await get('/v1/pipelines/{pipeline}/runs', names)).toEqual({ runs: [] });
    expect(await get('/v1/pipelines/{pipeline}/datasets', names)).toEqual({ datasets: [] });
    expect(await get('/v1/pipelines/{pipeline}/models', names)).toEqual({ models: [] });
    expect(await get('/v1/pipelines/{pipeline}/endpoint', names)).toEqual({ serving: null, desired: null });
    expect(await get('/v1/pipelines/{pipeline}/monitoring', names)).toEqual({ monitor: null, windows: [] });
    expect(await get('/v1/pipelines/{pipeline}/ground-truth', names)).toEqual({ groundTruth: null });
  });

  it.each(['', '/runs', '/datasets', '/models', '/endpoint', '/monitoring', '/ground-truth'])(
    'that are unknown answer 404 at …%s',
    async (rest) => {
      expect(await refusal(`/v1/pipelines/{pipeline}${rest}`, { pipeline: 'cider' })).toMatchObject({
        status: 404,
        error: 'UnknownPipeline',
        message: expect.stringContaining('"cider"'),
      });
    },
  );
});

describe('runs', () => {
  it('are listed in short, the newest first, and why they ended', async () => {
    const { runs: listed } = await get('/v1/pipelines/{pipeline}/runs', inWine);
    expect(listed.map(({ phase }: Run) => phase)).toEqual([
      'preparing',
      'canary',
      'rejected',
      'rolled-back',
      'promoted',
      'promoted',
    ]);
    expect(listed[2]).toMatchObject({ reason: 'too few rows', stage: 'data' });
    expect(listed[1]).toMatchObject({ model: model(5), dataset: 'd1', gate: { bound: 0.01 } });
    expect(Object.keys(listed[0])).not.toContain('specification');
  });

  it('are shown whole but for their history, which has its own address', async () => {
    const names = { run: runIdOfNumber(5) };
    const shown = await get('/v1/runs/{run}', names);
    expect(shown).toMatchObject({ phase: 'canary', specification: { name: 'wine' } });
    expect(shown.history).toBeUndefined();
    expect(shown.dataset.quarantine).toBe(`${shown.dataset.prefix}quarantine.jsonl`);
    const { history } = await get('/v1/runs/{run}/history', names);
    expect(history).toHaveLength(shown.transitions);
    expect(history.at(-1)).toMatchObject({ phase: 'canary', cause: 'canary-started' });
  });

  it('that are unknown answer 404', async () => {
    for (const route of ['/v1/runs/{run}', '/v1/runs/{run}/history']) {
      expect(await refusal(route, { run: 'wine-zzzzzzzzzz' })).toMatchObject({
        status: 404,
        error: 'UnknownRun',
      });
    }
  });
});

describe('models', () => {
  it('are listed with the part they play', async () => {
    const { models } = await get('/v1/pipelines/{pipeline}/models', inWine);
    expect(models.map(({ name, role }: { name: string; role: string }) => [name, role])).toEqual([
      [model(5), 'challenger'],
      [model(3), 'rolled-back'],
      [model(2), 'champion'],
      [model(1), 'former champion'],
    ]);
  });

  it('are shown one by one', async () => {
    expect(await get('/v1/models/{model}', { model: model(2) })).toMatchObject({
      name: model(2),
      role: 'champion',
      phase: 'promoted',
    });
  });

  it('say why they are what they are: both gates and every step', async () => {
    const why = await get('/v1/models/{model}/why', { model: model(3) });
    expect(why).toMatchObject({
      phase: 'rolled-back',
      reason: 'it fails more often',
      offline: { uri: 's3://artifacts/reports/r.json', verdict: 'approved' },
      online: { weight: 0.1 },
    });
    expect(why.steps.map(({ cause }: { cause: string }) => cause)).toEqual([
      'model-trained',
      'evaluation-started',
      'model-approved',
      'canary-started',
      'canary-rolled-back',
    ]);
  });

  it.each([
    'nonsense',
    'ratchet-test-wine-zzzzzzzzzz',
    `ratchet-other-${runIdOfNumber(2)}`,
    `ratchet-test-${runIdOfNumber(6)}`,
  ])('%s is unknown', async (name) => {
    for (const route of ['/v1/models/{model}', '/v1/models/{model}/why']) {
      expect(await refusal(route, { model: name })).toMatchObject({ status: 404, error: 'UnknownModel' });
    }
  });
});

describe('pages', () => {
  it('go on where the last one ended, each item once', async () => {
    const seen: string[] = [];
    let next: string | undefined;
    do {
      const answer = await get('/v1/pipelines/{pipeline}/runs', inWine, {
        limit: '4',
        ...(next ? { next } : {}),
      });
      seen.push(...answer.runs.map(({ runId }: Run) => runId));
      next = answer.next;
    } while (next);
    expect(seen).toEqual(runs.map(({ runId }) => runId));
  });

  it.each(['0', '-1', '101', '1.5', 'many', ''])('of "%s" items are refused', async (limit) => {
    expect(await refusal('/v1/pipelines', {}, { limit })).toMatchObject({
      status: 400,
      error: 'InvalidLimit',
    });
  });
});

describe('the door', () => {
  it('is well, and knows no other route', async () => {
    expect(await get('/v1/health')).toEqual({ status: 'ok' });
    expect(await refusal('/v1/secrets')).toMatchObject({ status: 404, error: 'UnknownRoute' });
  });
});
