/** Reasons of SageMaker that pass: lack of capacity, quotas in use, interruptions, its own errors. An error of the
 * algorithm or of its input would only repeat itself. */
const passing =
  /CapacityError|InsufficientInstanceCapacity|InternalServerError|MaxWaitTimeExceeded|ResourceLimitExceeded|interrupt|ThrottlingException/i;

/** Whether a job that failed, or was refused, with this reason is worth another attempt. */
export const isWorthAnotherAttempt = (reason: string): boolean => passing.test(reason);
