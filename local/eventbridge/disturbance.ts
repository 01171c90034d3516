/** An accepted event on its way from a rule to one of its targets. */
export interface Handover {
  readonly bus: string;
  readonly rule: string;
  /** ARN of the target. */
  readonly target: string;
  readonly source: string;
  readonly detailType: string;
}

/**
 * What becomes of a handover: one delivery per answered delay (milliseconds from now). `[0]` is an undisturbed one,
 * `[0, 500]` a duplicate, `[2_000]` a late one, which others overtake, and `[]` loses it. AWS promises delivery at
 * least once and in no order; tests choose here how far it goes. Schedules are never disturbed.
 */
export type Disturb = (handover: Handover) => readonly number[];

export const undisturbed: Disturb = () => [0];
