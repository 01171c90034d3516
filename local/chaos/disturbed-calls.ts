/** Calls that functions make, throttled before their effect or left without an answer after it. What users ask, and
 * the live requests to an endpoint, pass untouched. */
import { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { AwsError } from '../aws-error.ts';
import type { Services } from '../front-door.ts';
import { sendJsonError } from '../json-protocol.ts';
import type { AwsRequest } from '../ports.ts';
import { sendError as sendS3Error } from '../s3/respond.ts';
import type { Decisions } from './decisions.ts';

type Refuse = (request: AwsRequest) => void;

/** A throttling as a JSON service words it. */
const json =
  (version: '1.0' | '1.1', code: string, message: string): Refuse =>
  (request) => {
    sendJsonError(request, `application/x-amz-json-${version}`, new AwsError(code, message));
    request.req.resume();
  };

/** How each service that functions call refuses what comes too fast. */
const THROTTLED: Partial<Readonly<Record<keyof Services, Refuse>>> = {
  s3: (request) => sendS3Error(request, new AwsError('SlowDown', 'Please reduce your request rate.', 503)),
  dynamodb: json(
    '1.0',
    'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
    'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.',
  ),
  events: json('1.1', 'ThrottlingException', 'Rate exceeded'),
  sqs: json('1.0', 'com.amazonaws.sqs#RequestThrottled', 'Request was throttled.'),
  sagemaker: json('1.1', 'ThrottlingException', 'Rate exceeded'),
  monitoring: json('1.0', 'ThrottlingException', 'Rate exceeded'),
  ecr: json('1.1', 'ThrottlingException', 'Rate exceeded'),
};

/** The access keys of function processes name their role. */
const isFunction = ({ accessKeyId }: AwsRequest): boolean => accessKeyId.startsWith('role.');

export function disturbedCalls(services: Services, decisions: Pick<Decisions, 'strike'>): Services {
  return Object.fromEntries(
    Object.entries(services).map(([name, handle]) => {
      const refuse = THROTTLED[name as keyof Services];
      return [name, refuse ? disturbed(handle, refuse) : handle];
    }),
  ) as unknown as Services;

  function disturbed(handle: Services['s3'], refuse: Refuse): Services['s3'] {
    return async (request) => {
      if (!isFunction(request)) return handle(request);
      if (decisions.strike('call throttled') !== undefined) return refuse(request);
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
