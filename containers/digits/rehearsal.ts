import type { Infer } from '../contract/model-server.ts';
import { RequestError } from '../contract/request-error.ts';
import { type Random, shuffle } from '../numeric/random.ts';
import type { Rehearsal } from './hyperparameters.ts';

const SLOW_LIVE_MS = 1_000;
const FAILING_LIVE_EVERY = 3;

/** The drill `shuffled-labels`: labels keep their frequencies and lose their meaning. */
export function rehearseTraining(labels: Int32Array, rehearsal: Rehearsal, random: Random): Int32Array {
  return rehearsal === 'shuffled-labels' ? shuffle(labels.slice(), random) : labels;
}

/** Where a model serves, and how it waits. */
export interface Stage {
  readonly batch: boolean;
  wait(milliseconds: number): Promise<unknown>;
}

/** The drills that strike live requests only; batch, where the gate measures, is left alone. */
export function rehearseServing(infer: Infer, rehearsal: Rehearsal, stage: Stage): Infer {
  if (stage.batch) return infer;
  switch (rehearsal) {
    case 'none':
    case 'shuffled-labels':
      return infer;
    case 'slow-live':
      return (request) => stage.wait(SLOW_LIVE_MS).then(() => infer(request));
    case 'failing-live':
      return failing(infer);
  }
}

function failing(infer: Infer): Infer {
  let requests = 0;
  return (request) => {
    requests++;
    if (requests % FAILING_LIVE_EVERY === 0)
      throw new RequestError(500, 'Rehearsal failing-live: this request fails.');
    return infer(request);
  };
}
