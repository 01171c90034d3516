import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { AwsError } from './aws-error.ts';
import { sendJsonError } from './json-protocol.ts';
import { type Listener, listenerOf } from './listener.ts';
import type { AwsRequest } from './ports.ts';

type Handle = (request: AwsRequest) => Promise<void>;

/** The services behind the front door, by the name that signatures carry. */
export interface Services {
  readonly s3: Handle;
  readonly dynamodb: Handle;
  readonly events: Handle;
  readonly sqs: Handle;
  readonly lambda: Handle;
  readonly logs: Handle;
  readonly sagemaker: Handle;
  readonly 'sagemaker-runtime': Handle;
  readonly monitoring: Handle;
  readonly ecr: Handle;
  readonly sts: Handle;
}

/** One port on 127.0.0.1 for all AWS APIs, for AWS_ENDPOINT_URL. */
export interface FrontDoor extends Listener {
  /** Until then it answers 503. */
  serve(services: Services): void;
}

/** `X-Amz-Target` prefixes of the JSON services, for requests without a signature. */
const TARGETS: Readonly<Record<string, keyof Services>> = {
  DynamoDB_20120810: 'dynamodb',
  AWSEvents: 'events',
  AmazonSQS: 'sqs',
  Logs_20140328: 'logs',
  SageMaker: 'sagemaker',
  GraniteServiceVersion20100801: 'monitoring',
  AmazonEC2ContainerRegistry_V20150921: 'ecr',
};

/** `AKID/20260131/us-east-1/s3/aws4_request`, in the Authorization header or a presigned URL. */
const CREDENTIAL = /^([^/]+)\/\d{8}\/[^/]+\/([^/]+)\/aws4_request$/;
const CREDENTIAL_IN_HEADER = /Credential=([^,\s]+)/;
const INVOCATIONS = /^\/endpoints\/[^/]+\/invocations/;

export function createFrontDoor(): FrontDoor {
  let services: Services | undefined;
  const server = createServer((req, res) => {
    route(req, res).catch((error: unknown) => {
      console.error(error);
      res.destroy();
    });
  });
  // SDK clients keep connections; one that the server closes first would fail their next request.
  server.keepAliveTimeout = 120_000;
  // A large upload takes its time; S3 itself ends one that stands still.
  server.requestTimeout = 3_600_000;

  async function route(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = new URL(`http://127.0.0.1${req.url?.startsWith('/') ? req.url : '/'}`);
    const { accessKeyId, scope } = signer(req, url);
    const request: AwsRequest = { req, res, url, accessKeyId, requestId: randomUUID() };
    const name = serviceName(scope, req, url);
    if (services && name) return services[name](request);
    const error = services
      ? new AwsError(
          'UnknownOperationException',
          `The embedded cloud does not offer the service ${scope}.`,
          400,
        )
      : new AwsError('ServiceUnavailable', 'The embedded cloud is starting.', 503);
    sendJsonError(request, 'application/x-amz-json-1.1', error);
  }

  return {
    ...listenerOf(server),
    serve(behind) {
      services = behind;
    },
  };
}

function signer(req: IncomingMessage, url: URL): { accessKeyId: string; scope: string } {
  const header = CREDENTIAL_IN_HEADER.exec(req.headers.authorization ?? '')?.[1];
  const credential = CREDENTIAL.exec(header ?? url.searchParams.get('X-Amz-Credential') ?? '');
  return { accessKeyId: credential?.[1] ?? '', scope: credential?.[2] ?? '' };
}

function serviceName(scope: string, req: IncomingMessage, url: URL): keyof Services | undefined {
  const target = String(req.headers['x-amz-target'] ?? '').split('.')[0] ?? '';
  switch (scope) {
    case 'sagemaker':
      return INVOCATIONS.test(url.pathname) ? 'sagemaker-runtime' : 'sagemaker';
    case 's3':
    case 'dynamodb':
    case 'events':
    case 'sqs':
    case 'lambda':
    case 'logs':
    case 'monitoring':
    case 'ecr':
    case 'sts':
      return scope;
    case '':
      return Object.hasOwn(TARGETS, target) ? TARGETS[target] : 's3';
    default:
      return undefined;
  }
}
