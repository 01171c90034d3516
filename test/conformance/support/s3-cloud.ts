import type { CloudOptions } from '../../../local/cloud.ts';
import { type BareCloud, bucket, startBareCloud } from './bare-cloud.ts';

export const PLAIN = 'conformance-plain';
export const VERSIONED = 'conformance-versioned';
/** Gets every event of the versioned bucket. */
export const EVENTS_QUEUE = 'conformance-events';

/** A plain and a versioned bucket, and a queue that a rule on the default bus sends the latter's events to. */
export function startS3Cloud(options: Partial<CloudOptions> = {}): Promise<BareCloud> {
  const resources = {
    Plain: bucket(PLAIN),
    Versioned: bucket(VERSIONED, { versioned: true }),
    Events: { Type: 'AWS::SQS::Queue', Properties: { QueueName: EVENTS_QUEUE } },
    Rule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        Name: 'conformance-s3',
        EventPattern: { source: ['aws.s3'], detail: { bucket: { name: [VERSIONED] } } },
        State: 'ENABLED',
        Targets: [{ Id: 'queue', Arn: { 'Fn::GetAtt': ['Events', 'Arn'] } }],
      },
    },
  };
  return startBareCloud(resources, options);
}
