import { AwsError } from '../../aws-error.ts';

/** The refusal of an event pattern, worded as EventBridge words it (without the source location). */
export function invalidPattern(reason: string): AwsError {
  return new AwsError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason}`);
}
