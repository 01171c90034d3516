import { AwsError } from '../../aws-error.ts';
import type { Identity } from '../../ports.ts';
import type { NoAnswer } from '../process/container.ts';
import type { Invoked } from '../process/model-server.ts';

const TIMED_OUT = (container: string) =>
  `Your invocation timed out while waiting for a response from container ${container}. Review the latency metrics for each container in Amazon CloudWatch, resolve the issue, and try again.`;
const BROKEN = 'The connection to the container was closed before it answered.';

/** A container's answer that is not 2xx, as the caller is told of it. */
export function badAnswer(identity: Identity, endpoint: string, answer: Invoked): AwsError {
  const original = answer.body.toString('utf8').slice(0, 1024);
  return modelError(identity, endpoint, answer.container, answer.status, original);
}

/** A container that did not answer: its status is 0. */
export function noAnswer(identity: Identity, endpoint: string, { kind, container }: NoAnswer): AwsError {
  return modelError(identity, endpoint, container, 0, kind === 'timeout' ? TIMED_OUT(container) : BROKEN);
}

function modelError(
  { account, region }: Identity,
  endpoint: string,
  container: string,
  status: number,
  original: string,
): AwsError {
  const kind = status >= 400 && status < 500 ? 'client' : 'server';
  const group = `/aws/sagemaker/Endpoints/${endpoint}`;
  const where = `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#logEventViewer:group=${group}`;
  return new AwsError(
    'ModelError',
    `Received ${kind} error (${status}) from ${container} with message "${original}". See ${where} in account ${account} for more information.`,
    424,
    {
      OriginalStatusCode: status,
      OriginalMessage: original,
      LogStreamArn: `arn:aws:logs:${region}:${account}:log-group:${group}`,
    },
  );
}
