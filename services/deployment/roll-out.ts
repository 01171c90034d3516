/** The online gate: from approved, through the canary, to promoted or rolled back. The endpoint is changed by
 * wishing in the pipeline item; a run moves on only when the endpoint has been seen to follow. */
import type { StoredPipeline, StoredRun } from '../../shared/aws/run-store.ts';
import { endpointName } from '../../shared/contracts/names.ts';
import type { DesiredVariant, Pipeline } from '../../shared/lifecycle/pipeline.ts';
import type { Canary, RunIn } from '../../shared/lifecycle/run.ts';
import { decide } from './canary-decision.ts';
import { observe, startEvidence } from './canary-evidence.ts';
import { follows } from './endpoint-plan.ts';
import type { Step } from './evaluate-candidate.ts';
import { isOutdated, nextEvaluation } from './evaluation.ts';
import type { DeploymentPorts } from './ports.ts';
import { alone, sameVariants, shared, wantedOnCanary, wishing, wishingAgain } from './wishes.ts';

export function buildRollOut(ports: DeploymentPorts) {
  const { runs, slots, endpoints, metrics, wish, settings, now } = ports;

  async function pipelineOf(run: { pipeline: string }): Promise<StoredPipeline> {
    const stored = await runs.loadPipeline(run.pipeline);
    if (!stored) throw new Error(`The pipeline ${run.pipeline} has no item`);
    return stored;
  }

  /** Writes the wish if it is new; answers whether the endpoint follows it by now, or will not. */
  async function serves(
    pipeline: StoredPipeline,
    variants: readonly DesiredVariant[],
  ): Promise<'yes' | 'not yet' | { failure: string }> {
    const next = wishing(pipeline.state, variants);
    if (next !== pipeline.state) {
      await runs.savePipeline(pipeline, next);
      await wish(pipeline.state.name);
      return 'not yet';
    }
    const failure = pipeline.state.desired?.failure;
    if (failure) return { failure };
    const observed = await endpoints.describe(endpointName(settings.stage, pipeline.state.name));
    if (follows(variants, observed)) return 'yes';
    // Nobody looks after a wish that was fulfilled: a late order, or a person, has changed the endpoint since.
    const again = wishingAgain(pipeline.state);
    if (observed?.status !== 'busy' && again !== pipeline.state) {
      await runs.savePipeline(pipeline, again);
      await wish(pipeline.state.name);
    }
    return 'not yet';
  }

  /** Gives the slot to whoever waits; were this lost, the waiting run's own sweep would take it. */
  async function finish(run: RunIn<'approved' | 'canary'>): Promise<boolean> {
    await slots.release(run, 'canarySlot');
    await wish(run.pipeline);
    return false;
  }

  const approved: Step<'approved'> = async (stored) => {
    const run = stored.state;
    const pipeline = await pipelineOf(run);
    if (pipeline.state.champion?.name === run.model.name) return promoted(stored, undefined);
    if (isOutdated(run.evaluation, pipeline.state)) {
      const evaluation = nextEvaluation(pipeline.state, run.evaluation, now());
      await runs.record(stored, { kind: 'evaluation-started', evaluation });
      return true;
    }
    const answer = await slots.take(run, 'canarySlot');
    switch (answer.kind) {
      case 'held':
        return enter(stored, await pipelineOf(run));
      case 'superseded':
        await runs.record(stored, { kind: 'run-superseded', by: answer.by.runId });
        return false;
      case 'waits':
        await runs.lookAgain(stored);
        return false;
      default:
        return answer satisfies never;
    }
  };

  async function enter(stored: StoredRun<'approved'>, pipeline: StoredPipeline): Promise<boolean> {
    const run = stored.state;
    const { champion } = run.evaluation;
    const weight = run.specification.deploy.canary.weights[0] as number;
    const answer = await serves(pipeline, champion ? shared(champion, run.model, weight) : alone(run.model));
    if (answer === 'not yet') {
      await runs.lookAgain(stored);
      return false;
    }
    if (answer !== 'yes') return refused(stored, answer.failure);
    if (!champion) return crown(stored);
    const canary = await begin(run, { champion, step: 0, weight, startedAt: now() });
    await runs.record(stored, { kind: 'canary-started', canary });
    return true;
  }

  /** The endpoint could not bring the model up: it goes back to the champion alone. */
  async function refused(stored: StoredRun<'approved'>, failure: string): Promise<boolean> {
    const { champion } = stored.state.evaluation;
    const pipeline = await pipelineOf(stored.state);
    await runs.savePipeline(
      pipeline,
      champion ? wishing(pipeline.state, alone(champion)) : withoutWish(pipeline.state),
    );
    await runs.record(stored, { kind: 'run-failed', stage: 'deployment', reason: failure });
    return finish(stored.state);
  }

  async function begin(
    run: RunIn<'approved' | 'canary'>,
    place: Pick<Canary, 'champion' | 'step' | 'weight' | 'startedAt'>,
  ): Promise<Canary> {
    const stepStartedAt = now();
    const blocks = await blocksOf(run, place.champion.name, stepStartedAt);
    return { ...place, stepStartedAt, extended: false, evidence: startEvidence(blocks, stepStartedAt) };
  }

  const blocksOf = (run: RunIn<'approved' | 'canary'>, champion: string, from: number) =>
    metrics.minuteBlocks({
      endpoint: endpointName(settings.stage, run.pipeline),
      challenger: run.model.name,
      champion,
      from,
    });

  const canary: Step<'canary'> = async (stored) => {
    const run = stored.state;
    const pipeline = await pipelineOf(run);
    if (run.canary.decision) return carryOut(stored, pipeline);
    const answer = await serves(pipeline, wantedOnCanary(run));
    if (answer === 'not yet') {
      await runs.lookAgain(stored);
      return false;
    }
    if (answer !== 'yes') return conclude(stored, 'roll-back', answer.failure);
    return look(stored);
  };

  async function conclude(
    stored: StoredRun<'canary'>,
    verdict: NonNullable<Canary['decision']>['verdict'],
    reason: string,
  ): Promise<boolean> {
    await runs.record(stored, { kind: 'canary-decided', decision: { verdict, reason } });
    return true;
  }

  async function look(stored: StoredRun<'canary'>): Promise<boolean> {
    const run = stored.state;
    const rules = run.specification.deploy.canary;
    const blocks = await blocksOf(run, run.canary.champion.name, run.canary.evidence.until);
    const evidence = observe(run.canary.evidence, blocks, rules);
    const view = { ...run.canary, evidence };
    const decision = decide(view, rules, now());
    switch (decision.kind) {
      case 'wait':
      case 'extend':
        await runs.record(stored, {
          kind: 'canary-observed',
          evidence,
          extended: run.canary.extended || decision.kind === 'extend',
        });
        return false;
      case 'advance': {
        const { champion, startedAt, step } = run.canary;
        await runs.record(stored, {
          kind: 'canary-advanced',
          canary: await begin(run, { champion, startedAt, step: step + 1, weight: decision.weight }),
        });
        return true;
      }
      case 'promote':
      case 'roll-back':
      case 'inconclusive': {
        const seen = await runs.record(stored, {
          kind: 'canary-observed',
          evidence,
          extended: run.canary.extended,
        });
        return conclude(seen as StoredRun<'canary'>, decision.kind, decision.reason);
      }
      default:
        return decision satisfies never;
    }
  }

  async function carryOut(stored: StoredRun<'canary'>, pipeline: StoredPipeline): Promise<boolean> {
    const run = stored.state;
    const { champion, decision } = run.canary;
    if (decision?.verdict === 'promote') {
      if (pipeline.state.champion?.name === run.model.name) return promoted(stored, champion.name);
    } else if (sameVariants(pipeline.state.desired?.variants ?? [], alone(champion))) {
      return rolledBack(stored);
    }
    const answer = await serves(pipeline, wantedOnCanary(run));
    if (answer === 'not yet') {
      await runs.lookAgain(stored);
      return false;
    }
    if (decision?.verdict !== 'promote') {
      // Whether or not the weights could be moved: the champion alone is what remains to be asked for.
      await runs.savePipeline(pipeline, wishing(pipeline.state, alone(champion)));
      return rolledBack(stored);
    }
    if (answer !== 'yes') return conclude(stored, 'roll-back', answer.failure);
    return crown(stored);
  }

  /** The model becomes champion, and the only one that is wished for, in one write. */
  async function crown(stored: StoredRun<'approved' | 'canary'>): Promise<boolean> {
    const run = stored.state;
    const pipeline = await pipelineOf(run);
    const replaced = pipeline.state.champion?.name;
    await runs.savePipeline(pipeline, { ...wishing(pipeline.state, alone(run.model)), champion: run.model });
    return promoted(stored, replaced);
  }

  async function promoted(
    stored: StoredRun<'approved' | 'canary'>,
    replaced: string | undefined,
  ): Promise<boolean> {
    await runs.record(stored, { kind: 'model-promoted', ...(replaced ? { replaced } : {}) });
    return finish(stored.state);
  }

  async function rolledBack(stored: StoredRun<'canary'>): Promise<boolean> {
    const reason = stored.state.canary.decision?.reason ?? 'The endpoint went back to the champion';
    await runs.record(stored, { kind: 'canary-rolled-back', reason });
    return finish(stored.state);
  }

  return { approved, canary };
}

function withoutWish(pipeline: Pipeline): Pipeline {
  const { desired: _, ...rest } = pipeline;
  return rest;
}
