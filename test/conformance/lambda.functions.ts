/** For the suites of Lambda and CloudWatch Logs: a cloud with functions that do what they are told, a layer, and a queue
 * for what has failed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePackage } from '../../local/plan/package-fixture.ts';
import { type BareCloud, startBareCloud } from './support/bare-cloud.ts';

/** Retries come after 60 and 120 ms. */
const SCALE = 1_000;

const HANDLERS = `
import { createRequire } from 'node:module';
export const echo = async (event, context) => {
  console.log('seen', JSON.stringify(event));
  return { event, layer: createRequire(import.meta.url)('greeting'), arn: context.invokedFunctionArn,
    isInTime: context.getRemainingTimeInMillis() > 0, zone: process.env.TZ };
};
export const fail = async () => { console.error('about to fail'); throw new RangeError('too far'); };
export const spin = async () => { for (;;); };
export const exit = async () => process.exit(1);
export const say = async ({ lines }) => { for (const line of lines) process.stdout.write(line + '\\n'); };
`;

const named = (Type: string, Properties: object) => ({ Type, Properties });
const arnOf = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });

const functionOf = (name: string, more: object = {}) =>
  named('AWS::Lambda::Function', {
    FunctionName: name,
    Code: { S3Bucket: 'zips', S3Key: 'x/bundle.zip' },
    Handler: `handlers.${name}`,
    Runtime: 'nodejs24.x',
    Timeout: 5,
    Role: arnOf('Role'),
    ...more,
  });

const RESOURCES = {
  Role: named('AWS::IAM::Role', { RoleName: 'role', AssumeRolePolicyDocument: {} }),
  Failed: named('AWS::SQS::Queue', { QueueName: 'failed' }),
  Layer: named('AWS::Lambda::LayerVersion', {
    LayerName: 'greetings',
    Content: { S3Bucket: 'zips', S3Key: 'x/layer.zip' },
  }),
  Echo: functionOf('echo', { Layers: [{ Ref: 'Layer' }] }),
  Fail: functionOf('fail'),
  FailConfig: named('AWS::Lambda::EventInvokeConfig', {
    FunctionName: { Ref: 'Fail' },
    Qualifier: '$LATEST',
    DestinationConfig: { OnFailure: { Destination: arnOf('Failed') } },
  }),
  Spin: functionOf('spin', { Timeout: 1 }),
  Exit: functionOf('exit'),
  Say: functionOf('say'),
};

export async function startFunctions(): Promise<BareCloud> {
  const packageDir = mkdtempSync(join(tmpdir(), 'ratchet-functions-'));
  writePackage(packageDir, {
    resources: {},
    bundles: {
      'bundle.zip': { 'handlers.mjs': HANDLERS },
      'layer.zip': { 'nodejs/node_modules/greeting/index.js': 'module.exports = "hello from the layer";' },
    },
  });
  const cloud = await startBareCloud(RESOURCES, { packageDir, scale: SCALE });
  return {
    ...cloud,
    close: async () => {
      await cloud.close();
      rmSync(packageDir, { recursive: true });
    },
  };
}
