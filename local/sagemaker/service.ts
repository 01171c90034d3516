import type { RecordedMetric } from '../cloudwatch/metric.ts';
import { answerJson } from '../json-protocol.ts';
import type {
  AwsRequest,
  Clock,
  CloudService,
  Identity,
  JsonAction,
  PublishServiceEvent,
  ServiceEvent,
} from '../ports.ts';
import { createCapture } from './capture/capture.ts';
import type { Context } from './context.ts';
import type { SageMakerDisturbance } from './disturbance.ts';
import { endpointActions } from './endpoints/actions.ts';
import { endpointConfigActions } from './endpoints/config-actions.ts';
import { createDeployer } from './endpoints/deployer.ts';
import { createInvoker } from './endpoints/invoke.ts';
import type { ResolveImage } from './images.ts';
import { modelActions } from './models.ts';
import { refuseNotOffered, warnOfKeys } from './not-offered.ts';
import { createObjects } from './objects.ts';
import { createJobs } from './process/jobs.ts';
import { createSlots } from './process/slots.ts';
import { processingActions, resumeProcessing } from './processing/actions.ts';
import { checkedInput } from './request.ts';
import { openStore } from './store.ts';
import { tagActions } from './tags.ts';
import { resumeTraining, trainingActions } from './training/actions.ts';
import { resumeTransforms, transformActions } from './transform/actions.ts';

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface SageMakerOptions {
  /** Keeps `sagemaker.db`, `jobs/`, `endpoints/`, `transforms/`, `processing/`, `capture/` and `logs/`. */
  readonly dir: string;
  readonly clock: Clock;
  readonly identity: Identity;
  readonly publish: PublishServiceEvent;
  readonly recordMetric: (metric: RecordedMetric) => void;
  /** URL of the front door, where S3 answers; asked at first use. */
  readonly endpoint: () => string;
  readonly resolveImage: ResolveImage;
  /** With which SageMaker itself reads inputs from S3 and writes outputs. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Of a job's role, with which its program may call AWS as it may there; SageMaker's own by default. */
  readonly credentialsOf?: (roleArn: string, session: string) => Credentials;
  /** Draws in [0, 1) for weighted variants and sampling. */
  readonly random?: () => number;
  /** Training, transform and processing jobs that may run at once; 2 by default. */
  readonly maxJobs?: number;
  /** For how long InvokeEndpoint waits for a model: 60 s by default, as on AWS. */
  readonly invocationTimeoutMs?: number | undefined;
  /** What goes wrong on purpose; nothing by default. */
  readonly disturbSageMaker?: SageMakerDisturbance | undefined;
}

export interface SageMakerService extends CloudService {
  /** The names of the API actions that are answered. */
  readonly actions: readonly string[];
  /** SageMaker Runtime: `POST /endpoints/{name}/invocations`. */
  handleRuntime(request: AwsRequest): Promise<void>;
  /** Restores endpoints and jobs, in the background; to be called once S3 answers at `endpoint`. */
  start(): Promise<void>;
}

/** SageMaker's control plane (JSON 1.1) and runtime; jobs and endpoints are real child processes under the
 * container contract. */
export function createSageMaker(options: SageMakerOptions): SageMakerService {
  const { clock, identity, resolveImage, random = Math.random } = options;
  const store = openStore(options.dir, clock.now, options.publish);
  const credentials = options.credentials ?? { accessKeyId: 'sagemaker', secretAccessKey: 'sagemaker' };
  const credentialsOf = options.credentialsOf ?? (() => credentials);
  const objects = createObjects({ endpoint: options.endpoint, region: identity.region, credentials });
  const disturbance = options.disturbSageMaker ?? {};
  const told = (events: readonly ServiceEvent[]) =>
    events.flatMap((event) => (disturbance.eventsTwice?.() ? [event, event] : [event]));
  const inBackground = new Set<Promise<unknown>>();

  const context: Context = {
    dir: options.dir,
    clock,
    identity,
    store,
    objects,
    resolveImage,
    accessOf: (roleArn, session) => accessVariables(options.endpoint(), credentialsOf(roleArn, session)),
    disturbance,
    slots: createSlots(options.maxJobs ?? 2),
    save: (kind, document, ...events) => store.put(kind, document, told(events)),
    background: (work) => {
      const watched = work
        .catch((error) => console.error('SageMaker background work failed', error))
        .finally(() => inBackground.delete(watched));
      inBackground.add(watched);
    },
  };

  const jobs = createJobs();
  const deployer = createDeployer(context);
  const capture = createCapture(context, random);
  const actions = checked({
    ...trainingActions(context, jobs),
    ...tagActions(context),
    ...modelActions(context),
    ...endpointConfigActions(context),
    ...endpointActions(context, deployer),
    ...transformActions(context, jobs),
    ...processingActions(context, jobs),
  });
  return {
    actions: [...Object.keys(actions), 'InvokeEndpoint'],
    handle: (request) => answerJson(request, { version: '1.1', actions }),
    handleRuntime: createInvoker({
      context,
      deployer,
      capture,
      recordMetric: options.recordMetric,
      random,
      timeoutMs: options.invocationTimeoutMs,
    }),
    start: async () => {
      store.start();
      context.background(capture.restore());
      deployer.restore();
      resumeTraining(context, jobs);
      resumeTransforms(context, jobs);
      resumeProcessing(context, jobs);
    },
    close: async () => {
      await Promise.all([jobs.close(), deployer.close(), capture.close()]);
      await Promise.all(inBackground);
      await store.close();
      objects.close();
    },
  };
}

/** Where AWS is and who asks, as its SDKs and boto3 read it from the environment. */
function accessVariables(
  endpoint: string,
  { accessKeyId, secretAccessKey, sessionToken }: Credentials,
): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: sessionToken }),
  };
}

/** The actions behind a check of their requests. */
function checked(actions: Record<string, JsonAction>): Record<string, JsonAction> {
  const guarded = Object.entries(actions).map(([name, action]): [string, JsonAction] => [
    name,
    async (given) => {
      const input = await checkedInput(name, given);
      refuseNotOffered(name, input);
      warnOfKeys(name, input);
      return action(input);
    },
  ]);
  return Object.fromEntries(guarded);
}
