/** What a person gets for declaring a pipeline and for asking for a run. */
import { stringify } from 'yaml';
import { modelOf, specificationOf } from '../../shared/lifecycle/testing/example-runs.ts';
import { HttpProblem } from '../../shared/runtime/handle-http.ts';
import { buildOnPipelineDeclared } from './on-pipeline-declared.ts';
import { buildOnRunRequested } from './on-run-requested.ts';
import { createWorld, rows, type World } from './testing/world.ts';

const extra = { name: 'c', type: 'number' };

async function problemOf(work: Promise<unknown>) {
  const error = await work.then(
    () => undefined,
    (refused: unknown) => refused,
  );
  if (!(error instanceof HttpProblem)) throw new Error(`Not refused: ${error}`);
  return { status: error.status, ...error.problem };
}

describe('declaring a pipeline', () => {
  let world: World;
  const there = async () => ({ kind: 'there' }) as const;
  const text = stringify(specificationOf({ name: 'beer' }));
  const declare = (
    name: string,
    yaml: string,
    check: Parameters<typeof buildOnPipelineDeclared>[1] = there,
  ) => buildOnPipelineDeclared(world.ports, check)(name, yaml);

  beforeEach(async () => {
    world = await createWorld();
  });

  it('answers 201 for a new one and keeps it', async () => {
    const answer = await declare('beer', text);
    expect(answer).toMatchObject({ status: 201, body: { pipeline: 'beer', changed: true } });
    expect(await world.pipeline('beer')).toMatchObject({
      name: 'beer',
      runCounter: 0,
      trainingSlot: {},
      canarySlot: {},
    });
  });

  it('answers 200 and changes nothing for the same again', async () => {
    await declare('beer', text);
    const { version } = await world.pipeline('beer');
    expect(await declare('beer', `# another comment\n${text}`)).toMatchObject({
      status: 200,
      body: { changed: false },
    });
    expect((await world.pipeline('beer')).version).toBe(version);
  });

  it('changes the specification and nothing else of a pipeline that is there', async () => {
    await declare('beer', text);
    const changed = specificationOf({
      name: 'beer',
      evaluate: { ...specificationOf().evaluate, required: 0.7 },
    });
    expect(await declare('beer', stringify(changed))).toMatchObject({ status: 200, body: { changed: true } });
    expect(await world.pipeline('beer')).toMatchObject({
      specification: { evaluate: { required: 0.7 } },
      runCounter: 0,
    });
  });

  it.each<[what: string, changes: object]>([
    ['columns', { data: { ...specificationOf().data, columns: [...specificationOf().data.columns, extra] } }],
    ['form of records', { deploy: { ...specificationOf().deploy, records: 'features' } }],
  ])(
    'refuses other %s where a champion is asked with the old ones, and says what to do',
    async (_, changes) => {
      await declare('beer', text);
      const stored = await world.ports.runs.loadPipeline('beer');
      if (!stored) throw new Error('no pipeline');
      const changed = stringify(specificationOf({ name: 'beer', ...changes }));
      await world.ports.runs.savePipeline(stored, { ...stored.state, champion: modelOf(1) });
      expect(await problemOf(declare('beer', changed))).toMatchObject({
        status: 409,
        error: 'RequestsChanged',
        message: expect.stringMatching(/raw records \(a, b\).*under another name, such as beer-2/),
      });
      // What does not change a request may change.
      const stricter = specificationOf({
        name: 'beer',
        data: { ...specificationOf().data, duplicates: 'keep' },
      });
      expect(await declare('beer', stringify(stricter))).toMatchObject({
        status: 200,
        body: { changed: true },
      });
    },
  );

  it('lets what a request holds change before there is a champion', async () => {
    await declare('beer', text);
    const changed = specificationOf({
      name: 'beer',
      deploy: { ...specificationOf().deploy, records: 'features' },
    });
    expect(await declare('beer', stringify(changed))).toMatchObject({ status: 200, body: { changed: true } });
  });

  it('makes one pipeline, whoever declares it at once', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => declare('beer', text)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  });

  it('names every problem of a specification with its place', async () => {
    const problem = await problemOf(
      declare('beer', text.replace('target: y', 'target: z').replace('seal: each', 'seal: never')),
    );
    expect(problem).toMatchObject({ status: 400, error: 'InvalidSpecification' });
    expect(problem.problems?.length).toBeGreaterThan(0);
    for (const { line, column, message } of problem.problems ?? []) {
      expect([line > 0, column > 0, message.length > 0]).toEqual([true, true, true]);
    }
    await expect(world.pipeline('beer')).rejects.toThrow();
  });

  it('refuses another name than the address says', async () => {
    expect(await problemOf(declare('cider', text))).toMatchObject({ status: 400, error: 'NameMismatch' });
  });

  it('refuses an image that is not there', async () => {
    const problem = await problemOf(
      declare('beer', text, async (uri) => ({ kind: 'missing', reason: `no ${uri}` })),
    );
    expect(problem).toMatchObject({
      status: 400,
      error: 'MissingImage',
      message: 'no 123456789012.dkr.ecr.us-east-1.amazonaws.com/ratchet-test-xgboost:latest',
    });
  });
});

describe('asking for a run', () => {
  let world: World;
  const ask = (
    body: { reason: string; request?: string; hyperparameters?: Record<string, number> },
    callId = 'call-1',
    pipeline = 'wine',
  ) => buildOnRunRequested(world.ports, world.begin)({ pipeline, body, callId });

  beforeEach(async () => {
    world = await createWorld();
    await world.drop('incoming/wine/a.csv', rows(0, 40));
  });

  const withData = async () => {
    const [run] = await world.listed();
    await world.received(run?.runId ?? '');
  };

  it('begins one over the dataset as it is', async () => {
    await withData();
    const { status, body } = await ask({ reason: 'I want to see', hyperparameters: { rounds: 3 } });
    expect(status).toBe(201);
    const { runId } = body as { runId: string };
    expect(await world.run(runId)).toMatchObject({
      cause: { kind: 'person', request: 'call-1', reason: 'I want to see' },
      parts: [],
      specification: { train: { hyperparameters: { rounds: 3 } } },
    });
    await world.received(runId);
    expect((await world.run(runId, 'prepared')).dataset.version).toBe((await world.pipeline()).head?.version);
  });

  it('begins nothing new for a request that was made before', async () => {
    await withData();
    const first = await ask({ reason: 'r', request: 'mine' }, 'call-1');
    const again = await ask({ reason: 'r', request: 'mine' }, 'call-2');
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body).toEqual(first.body);
    expect((await ask({ reason: 'r' }, 'call-3')).status).toBe(201);
  });

  it('is refused where there is no data yet, or no pipeline', async () => {
    expect(await problemOf(ask({ reason: 'r' }))).toMatchObject({ status: 409, error: 'NoData' });
    expect(await problemOf(ask({ reason: 'r' }, 'c', 'beer'))).toMatchObject({
      status: 404,
      error: 'UnknownPipeline',
    });
  });
});
