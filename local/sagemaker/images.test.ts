import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createImageResolver } from './images.ts';
import { findPython } from './process/python.ts';

const containersDir = mkdtempSync(join(tmpdir(), 'ratchet-images-'));
for (const name of ['digits', 'xgboost']) {
  mkdirSync(join(containersDir, name));
  writeFileSync(join(containersDir, name, 'main.ts'), '');
}
mkdirSync(join(containersDir, 'spark'));
writeFileSync(join(containersDir, 'spark', 'prepare.py'), '');
afterAll(() => rmSync(containersDir, { recursive: true, force: true }));

const ECR = '000000000000.dkr.ecr.us-east-1.amazonaws.com';

describe('createImageResolver', () => {
  const resolve = createImageResolver({ containersDir });

  it.each([
    [`${ECR}/ratchet-dev-digits:latest`, 'digits'],
    [`${ECR}/ratchet-dev-digits`, 'digits'],
    [`${ECR}/ratchet-prod-xgboost@sha256:abc`, 'xgboost'],
    ['683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1', 'xgboost'],
  ])('gives %s its program', (uri, name) => {
    expect(resolve(uri)).toEqual({
      command: [process.execPath, join(containersDir, name, 'main.ts')],
      env: { NODE_COMPILE_CACHE: expect.stringContaining('.cache') },
    });
  });

  it('gives a program in Python the interpreter of this machine, and says what it needs', () => {
    const main = join(containersDir, 'spark', 'prepare.py');
    const needs = expect.stringMatching(/Python 3\.9.*Java 17.*RATCHET_PYTHON/);
    expect(resolve(`${ECR}/ratchet-dev-spark:latest`)).toEqual({
      command: ['python3', main],
      env: {},
      needs,
    });
    const given = createImageResolver({
      containersDir,
      python: () => findPython('/', { RATCHET_PYTHON: '/venv/bin/python', JAVA_HOME: '/java' }),
    });
    expect(given(`${ECR}/ratchet-dev-spark`)).toEqual({
      command: ['/venv/bin/python', main],
      env: { JAVA_HOME: '/java' },
      needs,
    });
  });

  it.each([
    'digits',
    'docker.io/ratchet-dev-digits',
    `${ECR}/ratchet-dev-other:1`,
    `${ECR}/ratchet-dev-../digits`,
    `${ECR}/other-dev-digits`,
  ])('knows no program for %s', (uri) => {
    expect(resolve(uri)).toBeUndefined();
  });

  it('knows only the repositories of its stage where it is given one', () => {
    const staged = createImageResolver({ containersDir, stage: 'dev' });
    expect(staged(`${ECR}/ratchet-dev-digits:1`)).toBeDefined();
    expect(staged(`${ECR}/ratchet-prod-digits:1`)).toBeUndefined();
  });
});
