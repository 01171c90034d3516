import { AwsError } from '../aws-error.ts';

/** AWS's refusal of a transform or processing job whose name has been given before. */
export const jobNameTaken = (arn: string) =>
  new AwsError(
    'ResourceInUse',
    `Job name must be unique within an AWS account and region, and a job with this name already exists (${arn})`,
  );
