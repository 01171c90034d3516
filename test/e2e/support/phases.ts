import type { Phase } from '../../../shared/lifecycle/run.ts';

/** The way of a run whose model becomes the first champion. */
export const WAY_TO_FIRST_CHAMPION: readonly Phase[] = [
  'received',
  'preparing',
  'prepared',
  'training',
  'trained',
  'evaluating',
  'approved',
  'promoted',
];

/** The way of a run whose model replaces a champion. */
export const WAY_THROUGH_CANARY: readonly Phase[] = [
  ...WAY_TO_FIRST_CHAMPION.slice(0, -1),
  'canary',
  'promoted',
];
