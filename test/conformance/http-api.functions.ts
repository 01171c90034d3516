/** For the suites of the HTTP API: functions that tell what they were given, and that answer as they are told. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CloudOptions } from '../../local/cloud.ts';
import { writePackage } from '../../local/plan/package-fixture.ts';
import { type BareCloud, startBareCloud } from './support/bare-cloud.ts';

const HANDLERS = `
export const echo = async (event) => event;
export const answer = async ({ queryStringParameters }) => JSON.parse(queryStringParameters.with);
export const sleep = async () => { await new Promise((resolve) => setTimeout(resolve, 60_000)); };
`;

const named = (Type: string, Properties: object) => ({ Type, Properties });

const functionOf = (name: string) =>
  named('AWS::Lambda::Function', {
    FunctionName: name,
    Code: { S3Bucket: 'zips', S3Key: 'x/bundle.zip' },
    Handler: `handlers.${name}`,
    Runtime: 'nodejs24.x',
    Timeout: 90,
    Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
  });

const integrationOf = (name: string, more: object = {}) =>
  named('AWS::ApiGatewayV2::Integration', {
    ApiId: { Ref: 'Api' },
    IntegrationType: 'AWS_PROXY',
    IntegrationUri: { 'Fn::GetAtt': [name, 'Arn'] },
    PayloadFormatVersion: '2.0',
    ...more,
  });

const routeOf = (RouteKey: string, integration: string, more: object = {}) =>
  named('AWS::ApiGatewayV2::Route', {
    ApiId: { Ref: 'Api' },
    RouteKey,
    Target: { 'Fn::Join': ['/', ['integrations', { Ref: integration }]] },
    ...more,
  });

const RESOURCES = {
  Role: named('AWS::IAM::Role', { RoleName: 'role', AssumeRolePolicyDocument: {} }),
  Echo: functionOf('echo'),
  Answer: functionOf('answer'),
  Sleep: functionOf('sleep'),
  Api: named('AWS::ApiGatewayV2::Api', {
    Name: 'api',
    ProtocolType: 'HTTP',
    CorsConfiguration: { AllowOrigins: ['https://good.example'], AllowMethods: ['GET', 'PUT'], MaxAge: 60 },
  }),
  Stage: named('AWS::ApiGatewayV2::Stage', {
    ApiId: { Ref: 'Api' },
    StageName: '$default',
    AutoDeploy: true,
  }),
  ToEcho: integrationOf('Echo'),
  ToAnswer: integrationOf('Answer'),
  ToSleep: integrationOf('Sleep', { TimeoutInMillis: 200 }),
  Thing: routeOf('GET /things/{thing}', 'ToEcho'),
  PutThing: routeOf('PUT /things/{thing}', 'ToEcho'),
  File: routeOf('ANY /files/{proxy+}', 'ToEcho'),
  Special: routeOf('GET /files/special', 'ToAnswer'),
  Private: routeOf('ANY /private/{thing}', 'ToEcho', { AuthorizationType: 'AWS_IAM' }),
  Answering: routeOf('GET /answer', 'ToAnswer'),
  Sleeping: routeOf('GET /sleep', 'ToSleep'),
};

/** Routes: `/things/{thing}`, `/files/{proxy+}` and `/private/{thing}` (aws_iam) give the event back; `/answer?with=…`
 * gives what it is told; `/sleep` takes longer than it may. */
export async function startHttpApi(options: Partial<CloudOptions> = {}): Promise<BareCloud> {
  const packageDir = mkdtempSync(join(tmpdir(), 'ratchet-http-api-'));
  writePackage(packageDir, { resources: {}, bundles: { 'bundle.zip': { 'handlers.mjs': HANDLERS } } });
  const cloud = await startBareCloud(RESOURCES, { packageDir, ...options });
  return {
    ...cloud,
    close: async () => {
      await cloud.close();
      rmSync(packageDir, { recursive: true, force: true });
    },
  };
}
