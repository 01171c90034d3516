import fc from 'fast-check';
import { evolve, IllegalMove, isLegal } from './evolve.ts';
import type { Fact } from './facts.ts';
import { isTerminal, moves, phases, terminalPhases } from './moves.ts';
import type { Phase, Run } from './run.ts';
import { exampleCanary, exampleFacts, noon, receivedRun, runIn } from './testing/example-runs.ts';

const kinds = Object.keys(exampleFacts) as Fact['kind'][];
const pairs = phases.flatMap((phase) => kinds.map((kind) => [phase, kind] as const));
const legal = pairs.filter(([phase, kind]) => moves[phase][kind] !== undefined);
const illegal = pairs.filter(([phase, kind]) => moves[phase][kind] === undefined);

/** What a run must carry in a phase, whichever way it came. */
const carried: Readonly<Partial<Record<Phase, readonly string[]>>> = {
  preparing: ['startedAt'],
  prepared: ['dataset'],
  training: ['dataset', 'training'],
  trained: ['dataset', 'training', 'model'],
  evaluating: ['dataset', 'training', 'model', 'evaluation'],
  approved: ['dataset', 'model', 'evaluation', 'gate'],
  canary: ['dataset', 'model', 'evaluation', 'gate', 'canary'],
  promoted: ['dataset', 'model', 'evaluation', 'gate'],
  rejected: ['stage', 'reason'],
  'rolled-back': ['reason', 'canary', 'model'],
  failed: ['stage', 'reason'],
  cancelled: ['reason'],
  superseded: ['by', 'reason'],
};

describe('a run evolves', () => {
  it.each(legal)('when it is %s, by %s', (phase, kind) => {
    const before = runIn(phase);
    const later = Date.parse(before.updatedAt) + 60_000;
    const after = evolve(before, exampleFacts[kind], later);
    expect(after.version).toBe(before.version + 1);
    expect(after.phase).toBe(moves[phase][kind]);
    expect(after.updatedAt).toBe(new Date(later).toISOString());
    for (const member of carried[after.phase] ?? []) expect(after[member as keyof Run]).toBeDefined();
    if (kind === 'canary-observed') {
      expect(after.history).toEqual(before.history);
    } else {
      expect(after.history.slice(0, -1)).toEqual(before.history);
      expect(after.history.at(-1)).toMatchObject({
        version: after.version,
        phase: after.phase,
        at: after.updatedAt,
        cause: kind,
      });
    }
  });

  it.each(illegal)('not when it is %s, by %s', (phase, kind) => {
    expect(isLegal(phase, kind)).toBe(false);
    const before = runIn(phase);
    const copy = structuredClone(before);
    expect(() => evolve(before, exampleFacts[kind], noon)).toThrow(IllegalMove);
    expect(() => evolve(before, exampleFacts[kind], noon)).toThrow(
      expect.objectContaining({
        code: 'IllegalMove',
        message: `A run that is ${phase} cannot take "${kind}"`,
      }),
    );
    expect(before).toEqual(copy);
  });

  it('keeps the evidence of each step in its history, but points at what is large', () => {
    const { history } = runIn('promoted');
    const evidenceOf = (cause: string) => history.find((step) => step.cause === cause)?.evidence;
    expect(evidenceOf('preparation-started')).toBeUndefined();
    expect(evidenceOf('dataset-prepared')).toMatchObject({ dataset: { version: 'd1' } });
    expect(evidenceOf('model-approved')).toMatchObject({ gate: { metric: 'accuracy', bound: 0.01 } });
    expect(evidenceOf('evaluation-started')).toEqual({ round: 1, champion: exampleCanary.champion.name });
    expect(evidenceOf('canary-started')).toEqual({ champion: exampleCanary.champion.name, weight: 0.1 });
  });

  it('forgets the old gate when it is evaluated again', () => {
    const again = evolve(runIn('approved'), exampleFacts['evaluation-started'], noon);
    expect('gate' in again && again.gate).toBeUndefined();
  });

  it('keeps what a canary saw when it is decided, and the decision when it looks again', () => {
    const observed = evolve(runIn('canary'), exampleFacts['canary-observed'], noon);
    const decided = evolve(observed, exampleFacts['canary-decided'], noon);
    expect(decided).toMatchObject({
      canary: { evidence: { challenger: { requests: 5 } }, extended: true, decision: { verdict: 'promote' } },
    });
  });

  it('counts every fact and lists every transition, on any walk', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...kinds), { maxLength: 40 }), (walk) => {
        let run: Run = receivedRun();
        let [taken, observed] = [0, 0];
        for (const kind of walk) {
          if (!isLegal(run.phase, kind)) continue;
          expect(isTerminal(run.phase)).toBe(false);
          run = evolve(run, exampleFacts[kind], noon);
          taken += 1;
          observed += Number(kind === 'canary-observed');
        }
        expect(run.version).toBe(1 + taken);
        expect(run.history).toHaveLength(1 + taken - observed);
        const versions = run.history.map(({ version }) => version);
        expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
        expect(run.history.at(-1)?.phase).toBe(run.phase);
      }),
    );
  });
});

describe('the table of moves', () => {
  const nextOf = (phase: Phase): Phase[] => Object.values(moves[phase]);

  function reachableFrom(start: Phase, without?: Phase): Set<Phase> {
    const seen = new Set<Phase>([start]);
    for (const phase of seen) for (const next of nextOf(phase)) if (next !== without) seen.add(next);
    return seen;
  }

  it('lets a run reach every phase', () => {
    expect([...reachableFrom('received')].sort()).toEqual([...phases].sort());
  });

  it.each(terminalPhases)('has no way out of %s', (phase) => {
    expect(moves[phase]).toEqual({});
  });

  it.each(phases.filter((phase) => !isTerminal(phase)))(
    'lets a run that is %s fail, be cancelled, and end',
    (phase) => {
      expect(moves[phase]).toMatchObject({ 'run-failed': 'failed', 'run-cancelled': 'cancelled' });
      expect(reachableFrom(phase)).toContain('promoted');
    },
  );

  it.each(['prepared', 'trained', 'evaluating', 'approved'] as const)(
    'leads no run to promoted around %s',
    (phase) => {
      expect(reachableFrom('received', phase)).not.toContain('promoted');
    },
  );

  it('lets only those be superseded who wait for a slot', () => {
    expect(phases.filter((phase) => moves[phase]['run-superseded'])).toEqual(['prepared', 'approved']);
  });
});
