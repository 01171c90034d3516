import { AwsError } from '../../aws-error.ts';
import { readBody } from '../../json-protocol.ts';
import type { AwsRequest } from '../../ports.ts';
import { type Constraint, detected, failure, violations } from '../constraint.ts';

const MAX_BODY_BYTES = 6_291_456;
const PATH = /^\/endpoints\/([^/]+)\/invocations$/;

/** An InvokeEndpoint request. */
export interface Invocation {
  readonly endpoint: string;
  readonly variant: string | undefined;
  /** The host name of the one container that is asked, where an endpoint's containers are invoked directly. */
  readonly container: string | undefined;
  readonly inferenceId: string | undefined;
  /** What the container is to see. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

interface Header extends Constraint {
  readonly member: string;
  readonly header: string;
  readonly isPassedOn?: boolean;
}

const PREFIX = 'x-amzn-sagemaker';
const NAME = { length: [0, 63], pattern: '[a-zA-Z0-9](-*[a-zA-Z0-9])*' } as const;
const TEXT = { length: [0, 1024] } as const;

const HEADERS: readonly Header[] = [
  { member: 'contentType', header: 'content-type', ...TEXT, isPassedOn: true },
  { member: 'accept', header: 'accept', ...TEXT, isPassedOn: true },
  { member: 'customAttributes', header: `${PREFIX}-custom-attributes`, ...TEXT, isPassedOn: true },
  { member: 'inferenceId', header: `${PREFIX}-inference-id`, length: [1, 64], isPassedOn: true },
  { member: 'targetVariant', header: `${PREFIX}-target-variant`, ...NAME },
  { member: 'targetContainerHostname', header: `${PREFIX}-target-container-hostname`, ...NAME },
];

const NOT_OFFERED = ['target-model', 'inference-component', 'enable-explanations', 'session-id'];

export const refused = (message: string) => new AwsError('ValidationError', message);

/** The endpoint that a request names. */
export function endpointOf({ req, url }: AwsRequest): string {
  const path = PATH.exec(url.pathname);
  if (!path || req.method !== 'POST') {
    throw new AwsError(
      'UnknownOperationException',
      'The embedded cloud offers POST /endpoints/{name}/invocations only.',
      404,
    );
  }
  try {
    return decodeURIComponent(path[1] ?? '');
  } catch {
    throw refused('The endpoint name is not valid percent-encoding.');
  }
}

/** Reads and checks the rest of a request. Throws ValidationError, or 413 for a body over 6 MiB. */
export async function readInvocation(request: AwsRequest, endpoint: string): Promise<Invocation> {
  const { headers } = request.req;
  const given = (name: string) => {
    const value = headers[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const present = HEADERS.filter(({ header }) => given(header) !== undefined);
  const failures = present.flatMap((header) =>
    violations(header, given(header.header)).map((demand) =>
      failure(`'${given(header.header)}'`, header.member, demand),
    ),
  );
  if (failures.length > 0) throw refused(detected(failures));
  const unknown = NOT_OFFERED.find((name) => given(`${PREFIX}-${name}`) !== undefined);
  if (unknown) throw refused(`The header ${PREFIX}-${unknown} is not offered by the embedded cloud.`);
  const passed = present.filter((each) => each.isPassedOn);
  return {
    endpoint,
    variant: given(`${PREFIX}-target-variant`),
    container: given(`${PREFIX}-target-container-hostname`),
    inferenceId: given(`${PREFIX}-inference-id`),
    headers: {
      'content-type': 'application/octet-stream',
      ...Object.fromEntries(passed.map(({ header }) => [header, given(header)!])),
    },
    body: await readLimited(request),
  };
}

async function readLimited(request: AwsRequest): Promise<Buffer> {
  // Answered before the service itself sees the request: the status stands in for the code.
  const tooLarge = () => new AwsError('413', `HTTP content length exceeded ${MAX_BODY_BYTES} bytes.`, 413);
  if (Number(request.req.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  return readBody(request, MAX_BODY_BYTES).catch((error) => {
    throw error instanceof AwsError ? tooLarge() : error;
  });
}
