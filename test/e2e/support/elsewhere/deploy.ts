/** `serverless deploy`, as far as an empty emulator needs it: the stack with its deployment bucket, the zips, the stack. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { ClientSettings } from '../target.ts';
import type { Template } from './template.ts';

const LONGEST_MS = 120_000;
const EVERY_MS = 200;
const CREATE_TEMPLATE = 'cloudformation-template-create-stack.json';
const UPDATE_TEMPLATE = 'cloudformation-template-update-stack.json';
const Capabilities = ['CAPABILITY_NAMED_IAM' as const];

export type Outputs = Readonly<Record<string, string>>;

/** Deploys the package in `packageDir` as the stack `name`, its template changed by `fit`. Throws with the stack's own
 * reasons when a resource fails, or when the stack is there already. */
export async function deployStack(options: {
  readonly client: ClientSettings;
  readonly name: string;
  readonly packageDir: string;
  readonly fit: (template: Template) => Template;
}): Promise<Outputs> {
  const { client, name: StackName, packageDir } = options;
  const read = (file: string): string => readFileSync(join(packageDir, file), 'utf8');
  const cloudFormation = new CloudFormationClient(client);
  const s3 = new S3Client({ ...client, forcePathStyle: true });
  try {
    const TemplateBody = read(CREATE_TEMPLATE);
    await cloudFormation.send(new CreateStackCommand({ StackName, TemplateBody, Capabilities }));
    const { ServerlessDeploymentBucketName: Bucket } = await settled(
      cloudFormation,
      StackName,
      'CREATE_COMPLETE',
    );
    const template = JSON.parse(read(UPDATE_TEMPLATE)) as Template;
    for (const file of readdirSync(packageDir).filter((one) => one.endsWith('.zip'))) {
      const Key = codeKey(template, file);
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: readFileSync(join(packageDir, file)) }));
    }
    // Too long to travel in the request.
    const Key = 'template.json';
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: JSON.stringify(options.fit(template)) }));
    const TemplateURL = `${client.endpoint}/${Bucket}/${Key}`;
    await cloudFormation.send(new UpdateStackCommand({ StackName, TemplateURL, Capabilities }));
    return await settled(cloudFormation, StackName, 'UPDATE_COMPLETE');
  } finally {
    cloudFormation.destroy();
    s3.destroy();
  }
}

/** The outputs of a stack that is there. Throws when there is none. */
export async function stackOutputs(client: ClientSettings, StackName: string): Promise<Outputs> {
  const cloudFormation = new CloudFormationClient(client);
  try {
    return outputsOf(await describe(cloudFormation, StackName));
  } finally {
    cloudFormation.destroy();
  }
}

/** Creates a small stack without functions. */
export async function createStack(
  client: ClientSettings,
  StackName: string,
  template: object,
): Promise<void> {
  const cloudFormation = new CloudFormationClient(client);
  try {
    const TemplateBody = JSON.stringify(template);
    await cloudFormation.send(new CreateStackCommand({ StackName, TemplateBody, Capabilities }));
    await settled(cloudFormation, StackName, 'CREATE_COMPLETE');
  } finally {
    cloudFormation.destroy();
  }
}

/** Where the template looks for the zip of a function or layer in the deployment bucket. */
function codeKey({ Resources }: Template, file: string): string {
  for (const { Properties } of Object.values(Resources)) {
    const { S3Key } = (Properties?.Code ?? Properties?.Content ?? {}) as { S3Key?: string };
    if (S3Key?.endsWith(`/${file}`)) return S3Key;
  }
  throw new Error(`No function or layer of the template is in ${file}`);
}

async function describe(client: CloudFormationClient, StackName: string) {
  const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName }));
  const [stack] = Stacks;
  if (!stack) throw new Error(`There is no stack ${StackName}`);
  return stack;
}

type Stack = Awaited<ReturnType<typeof describe>>;

const outputsOf = ({ Outputs = [] }: Stack): Outputs =>
  Object.fromEntries(Outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));

async function settled(client: CloudFormationClient, StackName: string, wanted: string): Promise<Outputs> {
  const end = Date.now() + LONGEST_MS;
  for (;;) {
    const stack = await describe(client, StackName);
    if (stack.StackStatus === wanted) return outputsOf(stack);
    if (!stack.StackStatus?.endsWith('_IN_PROGRESS') || Date.now() > end) {
      const reasons = await failures(client, StackName);
      throw new Error(`The stack ${StackName} is ${stack.StackStatus}:\n${reasons.join('\n')}`);
    }
    await sleep(EVERY_MS);
  }
}

async function failures(client: CloudFormationClient, StackName: string): Promise<string[]> {
  const { StackEvents = [] } = await client.send(new DescribeStackEventsCommand({ StackName }));
  return StackEvents.filter(({ ResourceStatus }) => ResourceStatus?.endsWith('_FAILED')).map(
    ({ LogicalResourceId, ResourceStatusReason }) => `  ${LogicalResourceId}: ${ResourceStatusReason}`,
  );
}
