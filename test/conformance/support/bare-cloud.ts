/** The embedded cloud with nothing in it but what one test file asks for: real services, a free port, a fresh folder. Or,
 * by `npm run test:e2e -- --endpoint ministack --bare test/conformance`, a MiniStack of the file's own. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cloud, type CloudOptions, startCloud } from '../../../local/cloud.ts';
import { createStack } from '../../e2e/support/elsewhere/deploy.ts';
import { startMiniStack } from '../../e2e/support/elsewhere/ministack.ts';
import { isBare } from '../../e2e/support/target.ts';

const TEMPLATE = 'cloudformation-template-update-stack.json';
/** What every template of Ratchet has to tell; a test that does not use them need not have the resources. */
const OUTPUTS = ['DropBucket', 'ArtifactsBucket', 'BusName', 'TableName'];

export interface BareCloud {
  /** Of every AWS API, as AWS_ENDPOINT_URL takes it. */
  readonly endpoint: string;
  readonly region: string;
  readonly account: string;
  /** What the AWS SDK's clients take to reach it; where signatures must be right, with the account's own key. */
  readonly client: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  readonly dir: string;
  readonly cloud: Cloud;
  /** Ends it and deletes its folder. */
  close(): Promise<void>;
}

/** A template's resources by logical id. */
export type Resources = Readonly<Record<string, { readonly Type: string; readonly Properties?: object }>>;

/** A bucket whose writes and deletions are events on the default bus. */
export const bucket = (name: string, { versioned = false } = {}) => ({
  Type: 'AWS::S3::Bucket',
  Properties: {
    BucketName: name,
    NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
    ...(versioned && { VersioningConfiguration: { Status: 'Enabled' } }),
  },
});

/** Starts it on these resources. `packageDir` of the options holds the archives of functions, where there are any. */
export async function startBareCloud(
  resources: Resources = {},
  options: Partial<CloudOptions> = {},
): Promise<BareCloud> {
  if (isBare) return startBareMiniStack(resources);
  const root = mkdtempSync(join(tmpdir(), 'ratchet-conformance-'));
  const packageDir = options.packageDir ?? join(root, 'package');
  mkdirSync(packageDir, { recursive: true });
  const Outputs = Object.fromEntries(OUTPUTS.map((name) => [name, { Value: 'none' }]));
  writeFileSync(join(packageDir, TEMPLATE), JSON.stringify({ Resources: resources, Outputs }));
  const dir = options.dir ?? join(root, 'state');
  const cloud = await startCloud({ port: 0, apiPort: 0, ...options, dir, packageDir });
  const endpoint = cloud.info.awsEndpoint;
  const region = 'us-east-1';
  const credentials = cloud.info.credentials ?? { accessKeyId: 'anyone', secretAccessKey: 'anything' };
  return {
    endpoint,
    region,
    account: '000000000000',
    client: { endpoint, region, credentials },
    dir,
    cloud,
    close: async () => {
      await cloud.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

async function startBareMiniStack(resources: Resources): Promise<BareCloud> {
  await using started = new AsyncDisposableStack();
  const root = mkdtempSync(join(tmpdir(), 'ratchet-conformance-'));
  started.defer(() => rmSync(root, { recursive: true, force: true }));
  const { endpoint } = started.use(await startMiniStack({ log: join(root, 'log') }));
  const client = {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'anyone', secretAccessKey: 'anything' },
  };
  if (Object.keys(resources).length > 0) await createStack(client, 'bare', { Resources: resources });
  const running = started.move();
  const notHere = (): never => {
    throw new Error('Only the embedded cloud has this');
  };
  return {
    endpoint,
    region: client.region,
    account: '000000000000',
    client,
    get dir() {
      return notHere();
    },
    get cloud() {
      return notHere();
    },
    close: () => running.disposeAsync(),
  };
}
