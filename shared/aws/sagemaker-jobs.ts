/** What services ask of SageMaker's jobs and models in the same way. */
import { ListTagsCommand, type SageMakerClient, SageMakerServiceException } from '@aws-sdk/client-sagemaker';

/** The tag of whatever we make there: the run that it is for. */
export const RUN_TAG = 'ratchet:run';

/** SageMaker has no exception of its own for a job or model that is not there: it answers a ValidationException, as the
 * SDK's own waiters expect, or a ResourceNotFound. The names are ours and well-formed, so it can mean nothing else. */
export const isMissing = (error: unknown): boolean =>
  error instanceof SageMakerServiceException &&
  (error.name === 'ValidationException' || error.name === 'ResourceNotFound');

/** The run that a job's tag names (describing a job returns no tags). */
export async function runTag(client: SageMakerClient, arn: string): Promise<string | undefined> {
  const { Tags = [] } = await client.send(new ListTagsCommand({ ResourceArn: arn }));
  return Tags.find(({ Key }) => Key === RUN_TAG)?.Value;
}
