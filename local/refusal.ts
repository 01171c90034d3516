import type { AwsError } from './aws-error.ts';
import type { Services } from './front-door.ts';
import { sendJsonError } from './json-protocol.ts';
import type { AwsRequest } from './ports.ts';
import { sendQueryError } from './query-protocol.ts';
import { sendError as sendS3Error } from './s3/respond.ts';

const JSON_1_0: readonly string[] = ['dynamodb', 'monitoring', 'sqs'];

/** The same refusal has other names in the Query protocol:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html */
const QUERY_CODES: Readonly<Record<string, string>> = {
  AccessDeniedException: 'AccessDenied',
  IncompleteSignatureException: 'IncompleteSignature',
  InvalidSignatureException: 'SignatureDoesNotMatch',
  MissingAuthenticationTokenException: 'MissingAuthenticationToken',
  UnrecognizedClientException: 'InvalidClientTokenId',
};

/** Answers a request that shall not reach its service, in the protocol that it speaks. */
export function refuse(name: keyof Services, request: AwsRequest, error: AwsError): void {
  // What is left of the body is read and dropped, so that the client gets to read the answer.
  request.req.resume();
  const { headers } = request.req;
  if (name === 's3') sendS3Error(request, error);
  else if (!headers['x-amz-target'] && (name === 'sqs' || name === 'sts' || name === 'monitoring'))
    sendQueryError(request, error, { namespace: '', queryCodes: QUERY_CODES });
  else sendJsonError(request, `application/x-amz-json-${JSON_1_0.includes(name) ? '1.0' : '1.1'}`, error);
}
