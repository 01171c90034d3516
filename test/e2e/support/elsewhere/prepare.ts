/** Makes another place ready for the end-to-end suite, and describes it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { packageService } from '../../../../cli/package-service.ts';
import type { CloudInfo } from '../../../../local/cloud.ts';
import type { Identity } from '../../../../local/ports.ts';
import type { ClientSettings, Target } from '../target.ts';
import { STAGE } from '../test-cloud.ts';
import { deployStack, type Outputs, stackOutputs } from './deploy.ts';
import { pushStandInImages } from './images.ts';
import { startSageMakerAlone } from './sagemaker-alone.ts';
import { startSigningGateway } from './signing-gateway.ts';
import { fitTemplate } from './template.ts';

const STACK = `ratchet-${STAGE}`;
const REPOSITORIES = ['digits', 'xgboost'].map((image) => `${STACK}-${image}`);
/** SageMaker is ours, and keeps the pace of the embedded cloud's tests; the emulator sweeps once a minute. */
const SAGEMAKER_SCALE = 30;
const EMULATOR_PATIENCE = 3;
/** A training job on AWS takes minutes, an endpoint ten. */
const AWS_PATIENCE = 20;

/** Deploys the packaged template into the empty emulator at `endpoint`, with our SageMaker beside it. What must be
 * ended goes to `resources`. */
export async function prepareEmulator(
  endpoint: string,
  region: string,
  resources: AsyncDisposableStack,
): Promise<Target> {
  const client = { endpoint, region, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  const dir = mkdtempSync(join(tmpdir(), 'ratchet-elsewhere-'));
  resources.defer(() => rmSync(dir, { recursive: true, force: true }));
  const identity = await identityAt(client);
  const sageMaker = resources.use(
    await startSageMakerAlone({ dir, client, identity, scale: SAGEMAKER_SCALE }),
  );
  const variables = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ENDPOINT_URL_SAGEMAKER: sageMaker.url,
    AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME: sageMaker.url,
  };
  const outputs = await deployStack({
    client,
    name: STACK,
    packageDir: await packageService(STAGE),
    fit: (template) => fitTemplate(template, variables),
  });
  await pushStandInImages(client, REPOSITORIES);
  await sageMaker.start();
  // Emulators of this family serve HTTP APIs below this path, and on host names that not every resolver knows.
  const apiUrl = `${endpoint}/_aws/execute-api/${outputs.HttpApiId}`;
  const gateway = resources.use(
    await startSigningGateway({ apiUrl, region, credentials: client.credentials }),
  );
  return {
    info: describe(outputs, endpoint, gateway.url),
    client,
    sageMaker: { ...client, endpoint: sageMaker.url },
    patience: EMULATOR_PATIENCE,
  };
}

/** An AWS account in which the stack stands already, deployed and with its images built: nothing is created here but
 * what the tests create. */
export async function prepareAws(region: string, resources: AsyncDisposableStack): Promise<Target> {
  const client: ClientSettings = { region };
  const outputs = await stackOutputs(client, STACK);
  // Of any client: where it looks for the user's credentials.
  const { config } = resources.adopt(new STSClient(client), (sts) => sts.destroy());
  const credentials = await config.credentials();
  const apiUrl = outputs.HttpApiUrl ?? '';
  const gateway = resources.use(await startSigningGateway({ apiUrl, region, credentials }));
  return {
    info: describe(outputs, `https://s3.${region}.amazonaws.com`, gateway.url),
    client,
    sageMaker: client,
    patience: AWS_PATIENCE,
  };
}

async function identityAt(client: ClientSettings): Promise<Identity> {
  const sts = new STSClient(client);
  try {
    const { Account } = await sts.send(new GetCallerIdentityCommand({}));
    if (!Account) throw new Error(`${client.endpoint} does not say which account it is`);
    return { account: Account, region: client.region };
  } finally {
    sts.destroy();
  }
}

function describe(outputs: Outputs, awsEndpoint: string, apiUrl: string): CloudInfo {
  const output = (name: string): string => {
    const value = outputs[name];
    if (!value) throw new Error(`The stack ${STACK} has no output ${name}`);
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
