import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { type Adversary, createAdversary } from './chaos/adversary.ts';
import { createCloudWatch } from './cloudwatch/service.ts';
import { createDynamoDb } from './dynamodb/service.ts';
import { createEcr } from './ecr/service.ts';
import type { Disturb } from './eventbridge/disturbance.ts';
import { createEventBridge } from './eventbridge/service.ts';
import { createFrontDoor, type FrontDoor, type Services } from './front-door.ts';
import { createHttpApi } from './http-api/service.ts';
import { guardedCalls } from './iam/guard.ts';
import { type Credentials, type Keys, openKeys, SAGEMAKER_KEY } from './keys.ts';
import { logGroupOf } from './lambda/function-definition.ts';
import { createLambda } from './lambda/service.ts';
import { checkFormat, lockFolder } from './lock.ts';
import { createLogs } from './logs/service.ts';
import type { Plan } from './plan/plan.ts';
import { PlanError } from './plan/plan-error.ts';
import { readPlan } from './plan/read-plan.ts';
import { unpack } from './plan/unpack.ts';
import type { Clock, Identity } from './ports.ts';
import { createS3 } from './s3/service.ts';
import { createImageResolver } from './sagemaker/images.ts';
import { findPython } from './sagemaker/process/python.ts';
import { createSageMaker } from './sagemaker/service.ts';
import { verifySignature } from './signature.ts';
import { createSqs } from './sqs/service.ts';
import { createCheck, strictCalls } from './strict.ts';
import { createSts } from './sts/service.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const IDENTITY: Identity = { account: '000000000000', region: 'us-east-1' };
const DEFAULT_MAX_WARM = 6;
const DEFAULT_IDLE_MS = 60_000;

/** The file under `dir` that tells other processes where the running cloud is. */
export const CLOUD_FILE = 'cloud.json';

export interface CloudOptions {
  /** Everything that the cloud keeps; created when missing. */
  readonly dir: string;
  /** The output folder of `serverless package`. */
  readonly packageDir: string;
  /** Ports of the AWS APIs and of the HTTP API; 0 asks for free ones. */
  readonly port: number;
  readonly apiPort: number;
  /** Divides every waiting time that the cloud imposes; 1 is AWS's own pace. */
  readonly scale?: number;
  /** The most function processes at a time. */
  readonly maxWarm?: number;
  /** A function process idle for so long is ended. */
  readonly idleMs?: number;
  /** Epoch milliseconds. */
  readonly now?: () => number;
  /** Loses, doubles or delays what EventBridge delivers, for tests; see Disturb. */
  readonly disturb?: Disturb;
  /** Only requests whose signature is right are answered; the key is in `CloudInfo.credentials`. Otherwise any access
   * key with any secret is the account. */
  readonly strict?: boolean;
  /** Seed of the adversary that disturbs the cloud; without one it is undisturbed. */
  readonly chaos?: number;
}

/** Where a cloud is and what the template's outputs call its parts. */
export interface CloudInfo {
  readonly awsEndpoint: string;
  readonly apiUrl: string;
  readonly dropBucket: string;
  readonly artifactsBucket: string;
  readonly busName: string;
  readonly tableName: string;
  /** The account's access key, where signatures must be right. */
  readonly credentials?: Credentials;
}

export interface Cloud {
  readonly info: CloudInfo;
  /** All outputs of the template, by name. */
  readonly outputs: Readonly<Record<string, string>>;
  /** The function processes that run now. */
  pids(): number[];
  close(): Promise<void>;
}

/** Starts the embedded cloud on a packaged template. Throws FolderInUseError when another works in `dir`,
 * FolderFormatError when its state is another version's, PlanError when the template asks for what it does not understand. */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const dir = resolve(options.dir);
  mkdirSync(dir, { recursive: true });
  const lock = lockFolder(dir);
  const door = createFrontDoor();
  try {
    checkFormat(dir);
    const cloud = await open({ ...options, dir }, door);
    return { ...cloud, close: () => cloud.close().finally(() => lock.release()) };
  } catch (error) {
    await door.close();
    lock.release();
    throw error;
  }
}

async function open(options: CloudOptions, door: FrontDoor): Promise<Cloud> {
  const { dir } = options;
  const awsEndpoint = `http://127.0.0.1:${await door.listen(options.port)}`;
  const plan = readPlan(resolve(options.packageDir), { identity: IDENTITY, awsEndpoint });
  const scale = options.scale ?? 1;
  const adversary =
    options.chaos === undefined ? undefined : createAdversary({ seed: options.chaos, dir, scale });
  const keys = options.strict ? openKeys(dir) : undefined;
  const parts = createParts({ options, awsEndpoint, adversary, keys });
  const check = keys && createCheck(keys.secretOf, parts.clock.now);
  const api = createHttpApi({
    routes: plan.routes,
    cors: plan.cors,
    invoke: parts.lambda.invoke,
    identity: IDENTITY,
    clock: parts.clock,
    verify: keys && ((request) => verifySignature(request, keys.secretOf, parts.clock.now())),
  });
  async function close(): Promise<void> {
    rmSync(join(dir, CLOUD_FILE), { force: true });
    await api.close();
    parts.sqs.stop();
    // Functions call the other services, and SQS among them, until they have ended.
    await parts.lambda.close();
    // SageMaker flushes captured inferences to S3, and S3 tells EventBridge.
    await parts.sagemaker.close();
    await door.close();
    await parts.s3.close();
    await parts.events.close();
    await parts.sqs.close();
    await Promise.all([
      parts.logs.close(),
      parts.dynamodb.close(),
      parts.cloudwatch.close(),
      parts.ecr.close(),
      parts.sts.close(),
    ]);
    adversary?.close();
  }
  try {
    await apply(plan, parts, dir);
    const services = guardedCalls(servicesOf(parts), plan.roles, IDENTITY);
    const disturbed = adversary?.disturbCalls(services) ?? services;
    door.serve(check ? strictCalls(disturbed, check) : disturbed);
    await parts.lambda.start();
    parts.sqs.start();
    parts.events.start();
    await parts.sagemaker.start();
    const apiUrl = `http://127.0.0.1:${await api.listen(options.apiPort)}`;
    const info = { ...describe(plan, awsEndpoint, apiUrl), ...(keys && { credentials: keys.user }) };
    writeCloudFile(dir, info);
    return { info, outputs: plan.outputs, pids: () => parts.lambda.pids(), close };
  } catch (error) {
    await close();
    throw error;
  }
}

type Parts = ReturnType<typeof createParts>;

interface Basis {
  readonly options: CloudOptions;
  readonly awsEndpoint: string;
  readonly adversary: Adversary | undefined;
  readonly keys: Keys | undefined;
}

function createParts({ options, awsEndpoint, adversary, keys }: Basis) {
  const clock: Clock = { now: options.now ?? Date.now, scale: options.scale ?? 1 };
  const at = (part: string) => join(options.dir, part);
  const common = { clock, identity: IDENTITY };
  const endpoint = () => awsEndpoint;
  const resolveImage = createImageResolver({
    containersDir: join(ROOT, 'containers'),
    python: () => findPython(ROOT, process.env),
  });
  const roleCredentials = (role: string, session: string) => ({
    accessKeyId: `role.${role}`,
    secretAccessKey: keys?.inner ?? 'local',
    sessionToken: `session.${session}`,
  });
  const logs = createLogs({ ...common, dir: at('logs') });
  const lambda = createLambda({
    ...common,
    dir: at('lambda'),
    appendLog: logs.append,
    environment: {
      AWS_ENDPOINT_URL: awsEndpoint,
      AWS_ENDPOINT_URL_SAGEMAKER: awsEndpoint,
      AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME: awsEndpoint,
    },
    sendToQueue: (queueArn, body) => sqs.sendToQueue(queueArn, body),
    // The key names the function's role, which the guard looks up, and the session its function.
    credentialsFor: ({ name, roleName }) => roleCredentials(roleName, name),
    maxWarm: options.maxWarm ?? DEFAULT_MAX_WARM,
    idleMs: options.idleMs ?? DEFAULT_IDLE_MS,
    disturbInvocation: adversary?.disturbInvocation,
  });
  const { invoke, invokeAsync } = lambda;
  const sqs = createSqs({ ...common, dir: at('sqs'), invoke, endpoint });
  const events = createEventBridge({
    ...common,
    dir: at('eventbridge'),
    invokeAsync,
    sendToQueue: sqs.sendToQueue,
    disturb: options.disturb ?? adversary?.disturb,
    refuseEntry: adversary?.refuseEntry,
  });
  const { publish } = events;
  const s3 = createS3({ ...common, dir: at('s3'), publish });
  const cloudwatch = createCloudWatch({ dir: at('cloudwatch'), clock });
  const sagemaker = createSageMaker({
    ...common,
    dir: at('sagemaker'),
    publish,
    recordMetric: (metric) => cloudwatch.recordMetric(metric),
    endpoint,
    resolveImage,
    credentialsOf: (roleArn, job) => roleCredentials(roleArn.slice(roleArn.lastIndexOf('/') + 1), job),
    credentials: { accessKeyId: SAGEMAKER_KEY, secretAccessKey: keys?.inner ?? SAGEMAKER_KEY },
    disturbSageMaker: adversary?.disturbSageMaker,
  });
  const ecr = createEcr({ identity: IDENTITY, resolveImage });
  const dynamodb = createDynamoDb({ dir: at('dynamodb') });
  const sts = createSts({ identity: IDENTITY });
  return { clock, logs, lambda, sqs, events, s3, cloudwatch, sagemaker, ecr, dynamodb, sts };
}

/** Creates what the plan asks for; all of it may be there already. */
async function apply(plan: Plan, parts: Parts, dir: string): Promise<void> {
  for (const { name, ...settings } of plan.buckets) parts.s3.createBucket(name, settings);
  for (const queue of plan.queues) parts.sqs.createQueue(queue);
  for (const table of plan.tables) await parts.dynamodb.createTable(table);
  for (const { layers, ...planned } of plan.functions) {
    const codeDir = unpack(planned, join(dir, 'functions'));
    const layerDirs = layers.map((layer) => unpack(layer, join(dir, 'layers')));
    parts.lambda.define({ ...planned, codeDir, layers: layerDirs });
    parts.logs.createGroup(logGroupOf(planned.name));
  }
  for (const bus of plan.buses) parts.events.createBus(bus);
  for (const rule of plan.rules) parts.events.putRule(rule);
  for (const mapping of plan.mappings) parts.sqs.addMapping(mapping);
}

function servicesOf(parts: Parts): Services {
  return {
    s3: parts.s3.handle,
    dynamodb: parts.dynamodb.handle,
    events: parts.events.handle,
    sqs: parts.sqs.handle,
    lambda: parts.lambda.handle,
    logs: parts.logs.handle,
    sagemaker: parts.sagemaker.handle,
    'sagemaker-runtime': parts.sagemaker.handleRuntime,
    monitoring: parts.cloudwatch.handle,
    ecr: parts.ecr.handle,
    sts: parts.sts.handle,
  };
}

function describe({ outputs }: Plan, awsEndpoint: string, apiUrl: string): CloudInfo {
  const output = (name: string) => {
    const value = outputs[name];
    if (value === undefined) throw new PlanError(`Outputs.${name}`, 'is missing');
    return value;
  };
  return {
    awsEndpoint,
    apiUrl,
    dropBucket: output('DropBucket'),
    artifactsBucket: output('ArtifactsBucket'),
    busName: output('BusName'),
    tableName: output('TableName'),
  };
}

function writeCloudFile(dir: string, info: CloudInfo): void {
  const file = join(dir, CLOUD_FILE);
  writeFileSync(`${file}.tmp`, `${JSON.stringify({ ...info, pid: process.pid }, null, 2)}\n`, {
    mode: 0o600,
  });
  renameSync(`${file}.tmp`, file);
}
