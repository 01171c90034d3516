/** What a missing permission does: the packaged template with one action taken out of a service's roles. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageService } from '../../cli/package-service.ts';
import { points, pointsCsv } from './support/specifications.ts';
import { createStory } from './support/story.ts';
import { STAGE, startTestCloud, type TestCloud } from './support/test-cloud.ts';

const TEMPLATE = 'cloudformation-template-update-stack.json';

/** A copy of the package in which no role of `service` may do `action` any more. */
async function packageWithout(service: string, action: string): Promise<string> {
  const copy = mkdtempSync(join(tmpdir(), 'ratchet-permissions-'));
  cpSync(await packageService(STAGE), copy, { recursive: true });
  const file = join(copy, TEMPLATE);
  const template = JSON.parse(readFileSync(file, 'utf8')) as { Resources: Record<string, RoleResource> };
  let removed = 0;
  for (const { Type, Properties } of Object.values(template.Resources)) {
    if (Type !== 'AWS::IAM::Role' || !JSON.stringify(Properties.RoleName ?? '').includes(`-${service}-`))
      continue;
    for (const { PolicyDocument } of Properties.Policies ?? []) {
      for (const statement of PolicyDocument.Statement) {
        const actions = [statement.Action].flat();
        if (!actions.includes(action)) continue;
        statement.Action = actions.filter((one) => one !== action);
        removed += 1;
      }
    }
  }
  expect(removed).toBeGreaterThan(0);
  writeFileSync(file, JSON.stringify(template));
  return copy;
}

interface RoleResource {
  readonly Type: string;
  readonly Properties: {
    readonly RoleName?: unknown;
    readonly Policies?: { PolicyDocument: { Statement: { Action: string | string[] }[] } }[];
  };
}

describe.each([
  {
    service: 'training',
    action: 'sagemaker:CreateTrainingJob',
    resource: /:training-job\/ratchet-dev-/,
    stage: 'training',
  },
  {
    service: 'deployment',
    action: 'sagemaker:CreateTransformJob',
    resource: /:transform-job\/ratchet-dev-/,
    stage: 'evaluation',
  },
])('a $service role without $action', ({ service, action, resource }) => {
  let packageDir: string;
  let cloud: TestCloud;

  beforeAll(async () => {
    packageDir = await packageWithout(service, action);
    cloud = await startTestCloud({ packageDir });
    await cloud.api.send('PUT', '/v1/pipelines/points', JSON.stringify(points()));
  }, 120_000);

  afterAll(async () => {
    await cloud?.close();
    rmSync(packageDir, { recursive: true, force: true });
  });

  it('ends the run with AWS’s refusal as its reason', async () => {
    await cloud.drop('incoming/points/a.csv', pointsCsv(300, 1));
    const run = await createStory(cloud.api, 'points').reaches(1, 'failed', 60);
    expect(run.reason).toMatch(
      new RegExp(
        `^AccessDeniedException: User: .*/ratchet-dev-${service}-.* is not authorized to perform: ${action} on resource: `,
      ),
    );
    expect(run.reason).toMatch(resource);
    expect(run.reason).toContain(`because no identity-based policy allows the ${action} action`);
  }, 90_000);
});
