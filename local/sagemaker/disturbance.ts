import { AwsError } from '../aws-error.ts';

/**
 * What SageMaker may do to its users through nobody's fault, decided from outside: by a seeded adversary or by a
 * test. Each member is asked at every occasion of its kind; an absent one never strikes.
 */
export interface SageMakerDisturbance {
  /**
   * A job asks for its instances. `limit-exceeded` refuses the Create call with ResourceLimitExceeded;
   * `no-capacity` accepts the job, which then ends Failed with a CapacityError.
   */
  startJob?(
    kind: DisturbedJob,
    name: string,
    instanceType: string,
  ): 'limit-exceeded' | 'no-capacity' | undefined;
  /**
   * The program of a Managed Spot training job has been started, for the first time or again: after so many
   * milliseconds (as given, not scaled) its instance is taken away. A short run may end before.
   */
  spotInterruption?(jobName: string): number | undefined;
  /** The new fleet of an update is healthy: true goes back to the old one all the same, without a reason. */
  rollbackSilently?(endpointName: string): boolean;
  /** A state has changed: true tells of it in two events. */
  eventsTwice?(): boolean;
}

export type DisturbedJob = 'training-job' | 'transform-job' | 'processing-job';

/** The FailureReason of a job for which no instance could be had. */
export const NO_CAPACITY =
  'CapacityError: Unable to provision requested ML compute capacity. Please retry using a different ML instance type.';

/** AWS's refusal of a job that would pass the account's quota of its instance type. */
export function limitExceeded(kind: DisturbedJob, instanceType: string): AwsError {
  const usage = `${instanceType} for ${kind.replace('-', ' ')} usage`;
  return new AwsError(
    'ResourceLimitExceeded',
    `The account-level service limit '${usage}' is 0 Instances, with current utilization of 0 Instances and a request delta of 1 Instances. Please use AWS Service Quotas to request an increase for this quota. If AWS Service Quotas is not available, contact AWS support to request an increase for this quota.`,
  );
}
