/** Lambda by Debian's AWS CLI. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeWith } from '../support/outside-client.ts';
import { startFunctions } from './lambda.functions.ts';
import { AWS_CLI, type AwsCli, createAwsCli } from './support/aws-cli.ts';
import type { BareCloud } from './support/bare-cloud.ts';

describeWith(AWS_CLI, 'Lambda', () => {
  let cloud: BareCloud;
  let aws: AwsCli;

  beforeAll(async () => {
    cloud = await startFunctions();
    aws = createAwsCli(cloud.endpoint);
  });

  afterAll(async () => {
    aws?.close();
    await cloud?.close();
  });

  const invoke = (name: string, ...more: string[]) =>
    aws.run('lambda', 'invoke', '--function-name', name, ...more, 'answer.json');
  const answer = () => JSON.parse(readFileSync(join(aws.dir, 'answer.json'), 'utf8'));

  it('invokes and writes the answer to a file', async () => {
    const payload = ['--cli-binary-format', 'raw-in-base64-out', '--payload', '{"word":"hello"}'];
    expect(JSON.parse(await invoke('echo', ...payload))).toEqual({
      StatusCode: 200,
      ExecutedVersion: '$LATEST',
    });
    expect(answer()).toMatchObject({ event: { word: 'hello' }, layer: 'hello from the layer' });
  });

  it('shows the log’s end and the function’s error', async () => {
    const { FunctionError, LogResult } = JSON.parse(await invoke('fail', '--log-type', 'Tail'));
    expect(FunctionError).toBe('Unhandled');
    expect(Buffer.from(LogResult, 'base64').toString()).toMatch(/\tERROR\tabout to fail\n.*\nREPORT /s);
    expect(answer()).toMatchObject({ errorType: 'RangeError', errorMessage: 'too far' });
  });

  it('hands an event over', async () => {
    expect(JSON.parse(await invoke('echo', '--invocation-type', 'Event'))).toEqual({ StatusCode: 202 });
  });

  it('says what is not there', async () => {
    await expect(invoke('none')).rejects.toMatchObject({
      stderr: expect.stringMatching(
        /\(ResourceNotFoundException\) when calling the Invoke operation.*: Function not found: arn:aws:lambda:us-east-1:000000000000:function:none/,
      ),
    });
  });

  it('lists the functions', async () => {
    const query = ['--query', 'Functions[].[FunctionName,Timeout,Runtime]', '--output', 'text'];
    expect(await aws.run('lambda', 'list-functions', ...query)).toContain('spin\t1\tnodejs24.x');
  });
});
