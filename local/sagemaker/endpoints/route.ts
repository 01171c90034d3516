import { AwsError } from '../../aws-error.ts';
import type { VariantStates } from './record.ts';

/**
 * The variant that takes a request: the one that it names, else one drawn by the current weights. `draw` is in
 * [0, 1). Throws ValidationError for a variant that is not there.
 */
export function pickVariant(states: VariantStates, target: string | undefined, draw: number): string {
  if (target !== undefined) {
    if (Object.hasOwn(states, target)) return target;
    throw new AwsError('ValidationError', `Variant ${target} is not found.`);
  }
  const weighted = Object.entries(states).filter(([, state]) => state.CurrentWeight > 0);
  const total = weighted.reduce((sum, [, state]) => sum + state.CurrentWeight, 0);
  let left = draw * total;
  for (const [name, state] of weighted) {
    left -= state.CurrentWeight;
    if (left < 0) return name;
  }
  const last = weighted.at(-1);
  if (!last) throw new AwsError('ValidationError', 'The endpoint has no production variant with a weight.');
  return last[0];
}
