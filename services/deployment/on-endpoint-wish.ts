/** The one who changes endpoints: brings a pipeline's endpoint one step nearer to what the pipeline item wishes. */
import type { StoredPipeline } from '../../shared/aws/run-store.ts';
import { tryAgainOnConflict } from '../../shared/aws/try-again.ts';
import { endpointName } from '../../shared/contracts/names.ts';
import { log } from '../../shared/runtime/log.ts';
import { type EndpointStep, planEndpoint } from './endpoint-plan.ts';
import type { DeploymentPorts, EndpointChanges, OrderAnswer } from './ports.ts';
import type { Reconcile } from './reconcile.ts';

type ActingStep = Extract<EndpointStep, { kind: 'create' | 'replace' | 'weigh' }>;

export function buildOnEndpointWish(ports: DeploymentPorts, changes: EndpointChanges, reconcile: Reconcile) {
  const { runs, endpoints, settings } = ports;

  async function act(endpoint: string, step: ActingStep): Promise<OrderAnswer> {
    switch (step.kind) {
      case 'create':
        return changes.create(endpoint, step.config);
      case 'replace':
        return changes.replace(endpoint, step.config);
      case 'weigh':
        return changes.weigh(endpoint, step.weights);
      default:
        return step satisfies never;
    }
  }

  /** Writes what came of the wish; the item's version fences out whoever still holds an older wish. */
  async function note(
    stored: StoredPipeline,
    change: { settled?: number; attempts?: number; failure?: string },
  ): Promise<void> {
    const { desired } = stored.state;
    if (desired) await runs.savePipeline(stored, { ...stored.state, desired: { ...desired, ...change } });
  }

  async function round(pipeline: string): Promise<string | undefined> {
    const stored = await runs.loadPipeline(pipeline);
    const desired = stored?.state.desired;
    if (!stored || !desired || desired.settled === desired.revision)
      return stored?.state.canarySlot.holder?.runId;
    const endpoint = endpointName(settings.stage, pipeline);
    const step = planEndpoint(stored.state, await endpoints.describe(endpoint), settings);
    const holder = stored.state.canarySlot.holder?.runId;
    switch (step.kind) {
      case 'wait':
        // Saving moves the due time: the sweep looks again.
        await note(stored, {});
        return undefined;
      case 'settled':
        await note(stored, { settled: desired.revision });
        return holder;
      case 'give-up':
        await note(stored, { failure: step.reason, settled: desired.revision });
        return holder;
      default: {
        await note(stored, { attempts: desired.attempts + 1 });
        const answer = await act(endpoint, step);
        if (answer.kind === 'refused')
          log.warn('SageMaker refused a change of an endpoint', { endpoint, ...answer });
        return undefined;
      }
    }
  }

  return async (pipeline: string): Promise<void> => {
    const runId = await tryAgainOnConflict(() => round(pipeline));
    if (runId) await reconcile(runId);
  };
}
