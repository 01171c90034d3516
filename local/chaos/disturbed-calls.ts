/** Calls that functions make, throttled before their effect or left without an answer after it. What users ask, and
 * the live requests to an endpoint, pass untouched. */
import { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { AwsError } from '../aws-error.ts';
import type { Services } from '../front-door.ts';
import type { AwsRequest } from '../ports.ts';
import { refuse } from '../refusal.ts';
import type { Decisions } from './decisions.ts';

const tooFast = (code = 'ThrottlingException', message = 'Rate exceeded', status = 400) =>
  new AwsError(code, message, status);

/** How each service that functions call refuses what comes too fast. */
const THROTTLED: Partial<Readonly<Record<keyof Services, AwsError>>> = {
  s3: tooFast('SlowDown', 'Please reduce your request rate.', 503),
  dynamodb: tooFast(
    'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
    'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.',
  ),
  events: tooFast(),
  sqs: tooFast('com.amazonaws.sqs#RequestThrottled', 'Request was throttled.'),
  sagemaker: tooFast(),
  monitoring: tooFast(),
  ecr: tooFast(),
};

/** The access keys of function processes name their role. */
const isFunction = ({ accessKeyId }: AwsRequest): boolean => accessKeyId.startsWith('role.');

export function disturbedCalls(services: Services, decisions: Pick<Decisions, 'strike'>): Services {
  const names = Object.keys(services) as (keyof Services)[];
  return Object.fromEntries(names.map((name) => [name, disturbed(name)])) as unknown as Services;

  function disturbed(name: keyof Services): Services['s3'] {
    const [handle, throttled] = [services[name], THROTTLED[name]];
    return async (request) => {
      if (!throttled || !isFunction(request)) return handle(request);
      if (decisions.strike('call throttled') !== undefined) return refuse(name, request, throttled);
      if (decisions.strike('reply lost after the effect') === undefined) return handle(request);
      await answerNobody(handle, request);
    };
  }
}

/** The service does what it is asked for and answers into the void; then the caller's connection is cut. */
async function answerNobody(handle: Services['s3'], request: AwsRequest): Promise<void> {
  const res = new ServerResponse(request.req);
  const answered = new Promise((resolve) => res.once('close', resolve).once('finish', resolve));
  // Never full: nobody would tell the response when it has drained.
  const nowhere = new Writable({
    highWaterMark: Number.MAX_SAFE_INTEGER,
    write: (_chunk, _encoding, done) => done(),
  });
  res.assignSocket(nowhere as Socket);
  await handle({ ...request, res });
  await answered;
  request.res.destroy();
}
