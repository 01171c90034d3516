import { contracts, type EventName, type LifecycleEvent } from '../contracts/events.ts';
import * as validators from '../contracts/generated/validators.mjs';
import { announce, ownerOf } from './announce.ts';
import { evolve } from './evolve.ts';
import type { Fact } from './facts.ts';
import { isTerminal, moves, phases } from './moves.ts';
import { exampleFacts, noon, runIn } from './testing/example-runs.ts';

const validatorsByName = new Map(Object.entries(validators));

/** What is wrong with an event by its generated validator. */
function problemsOf({ name, detail }: LifecycleEvent): string {
  const validate = validatorsByName.get(`is${name.replace('.v', 'V')}`);
  if (!validate) throw new Error(`${name} has no validator`);
  return validate(structuredClone(detail)) ? '' : JSON.stringify(validate.errors);
}

const legal = phases.flatMap((phase) =>
  (Object.keys(moves[phase]) as Fact['kind'][]).map((kind) => [phase, kind] as const),
);

function announced(phase: (typeof phases)[number], fact: Fact) {
  const before = runIn(phase);
  const after = evolve(before, fact, noon);
  return { after, events: announce(before, fact, after) };
}

const names = (events: readonly LifecycleEvent[]): string[] => events.map(({ name }) => name);

describe('what is announced', () => {
  it.each(legal)('of a run that is %s, by %s, is valid and names the committed version', (phase, kind) => {
    const { after, events } = announced(phase, exampleFacts[kind]);
    for (const event of events) {
      expect(problemsOf(event)).toBe('');
      expect(event.detail).toMatchObject({
        pipeline: after.pipeline,
        runId: after.runId,
        version: after.version,
      });
    }
  });

  it('is one event a fact, none for what is no news, two for a lost training job', () => {
    const told = Object.fromEntries(
      legal.map(([phase, kind]) => [
        `${phase} + ${kind}`,
        names(announced(phase, exampleFacts[kind]).events),
      ]),
    );
    const silent = [
      'preparation-started',
      'canary-observed',
      'canary-decided',
      'run-superseded',
      'run-cancelled',
    ];
    for (const [phase, kind] of legal) {
      const lost = phase === 'training' && ['training-started', 'run-failed'].includes(kind);
      expect([`${phase} + ${kind}`, told[`${phase} + ${kind}`]?.length]).toEqual([
        `${phase} + ${kind}`,
        silent.includes(kind) ? 0 : lost ? 2 : 1,
      ]);
    }
    expect(told['training + training-started']).toEqual(['TrainingFailed.v1', 'TrainingStarted.v1']);
    expect(told['training + run-failed']).toEqual(['TrainingFailed.v1', 'RunFailed.v1']);
  });

  it('covers every event of a run that has a contract', () => {
    const byRuns = new Set(
      legal.flatMap(([phase, kind]) => names(announced(phase, exampleFacts[kind]).events)),
    );
    const elsewhere = (Object.keys(contracts) as EventName[]).filter((name) => !byRuns.has(name));
    expect(elsewhere.sort()).toEqual([
      'DatasetReceived.v1',
      'DriftDetected.v1',
      'GroundTruthReceived.v1',
      'QualityDegraded.v1',
      'RetrainingRequested.v1',
      'RetrainingSuppressed.v1',
    ]);
  });

  it.each([
    ['data-rejected', 'preparing'],
    ['model-rejected', 'evaluating'],
    ['canary-rolled-back', 'canary'],
    ['run-failed', 'training'],
  ] as const)('stays valid when the reason of %s is very long', (kind, phase) => {
    const fact = { ...exampleFacts[kind], reason: '\u{1F4A5}x'.repeat(5_000) } as Fact;
    for (const event of announced(phase, fact).events) expect(problemsOf(event)).toBe('');
  });

  it.each(phases.filter((phase) => !isTerminal(phase)))(
    'says whose turn it was when a run that is %s fails',
    (phase) => {
      const failed = announced(phase, exampleFacts['run-failed']).events.at(-1);
      expect(failed).toMatchObject({ name: 'RunFailed.v1', service: ownerOf({ phase }) });
    },
  );

  it('names the model and the champion that the canary was about', () => {
    const { after, events } = announced('canary', exampleFacts['canary-rolled-back']);
    const model = 'model' in after ? after.model?.name : undefined;
    expect(events[0]?.detail).toMatchObject({ model, champion: 'ratchet-test-wine-aaaaaaaaaa' });
  });
});

describe('whose turn it is', () => {
  it('is one service for every phase but the last ones', () => {
    for (const phase of phases) expect(ownerOf({ phase }) === undefined).toBe(isTerminal(phase));
  });
});
