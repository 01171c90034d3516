import {
  choice,
  type Hyperparameters,
  optional,
  parseHyperparameters,
  real,
  whole,
} from '../contract/hyperparameters.ts';

/** Fire drills, so that users can watch the gate and the canary at work:
 * `shuffled-labels` trains on shuffled labels (the offline gate must reject), `slow-live` adds a second to each live
 * request and `failing-live` answers every third live request with 500 (both pass offline: batch is spared). */
export const REHEARSALS = ['none', 'shuffled-labels', 'slow-live', 'failing-live'] as const;
export type Rehearsal = (typeof REHEARSALS)[number];

const SPEC = {
  epochs: whole(4, { min: 1, max: 1000 }),
  hidden: whole(128, { min: 1, max: 4096 }),
  learning_rate: real(0.05, { min: 0, max: 1, openMin: true }),
  batch_size: whole(32, { min: 1, max: 65_536 }),
  seed: whole(1, { min: 0, max: 2 ** 31 - 1 }),
  /** Number of classes; the largest label + 1 where absent. */
  classes: optional(whole(2, { min: 2, max: 1000 })),
  /** Inputs are divided by this. */
  scale: real(255, { min: 0, max: 1e9, openMin: true }),
  rehearse: choice<Rehearsal>('none', REHEARSALS),
};

export type DigitsHyperparameters = Hyperparameters<typeof SPEC>;

export function parseDigitsHyperparameters(given: Readonly<Record<string, string>>): DigitsHyperparameters {
  return parseHyperparameters(SPEC, given);
}
