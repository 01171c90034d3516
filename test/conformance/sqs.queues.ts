/** For the suites of SQS: a cloud with a queue whose poison goes to another after two receipts. */
import { type BareCloud, startBareCloud } from './support/bare-cloud.ts';

export function startQueues(): Promise<BareCloud> {
  return startBareCloud({
    Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead' } },
    Work: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        QueueName: 'work',
        VisibilityTimeout: 30,
        RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 2 },
      },
    },
  });
}
