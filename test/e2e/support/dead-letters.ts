import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { STAGE, type TestCloud } from './test-cloud.ts';

/** How many events nobody could handle or deliver, by queue. */
export async function deadLetters({ client }: Pick<TestCloud, 'client'>): Promise<Record<string, number>> {
  const sqs = new SQSClient(client);
  const counts: Record<string, number> = {};
  for (const name of ['failed-events', 'undelivered-events']) {
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: `ratchet-${STAGE}-${name}` }));
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
    );
    counts[name] = Number(Attributes?.ApproximateNumberOfMessages);
  }
  sqs.destroy();
  return counts;
}
