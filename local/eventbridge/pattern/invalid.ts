import { AwsError } from '../../aws-error.ts';

/** The refusal of an event pattern, worded as EventBridge words it (without the source location). */
export function invalidPattern(reason: string): AwsError {
  return new AwsError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason}`);
}

/** Refuses an event pattern unless it meets a demand. */
export function demand(isMet: boolean, reason: string): asserts isMet {
  if (!isMet) throw invalidPattern(reason);
}
