import { jest } from '@jest/globals';
import { readConfig } from './config.ts';
import { choice, list, parseHyperparameters, real, required, whole } from './hyperparameters.ts';
import { answerMediaType, requestMediaType } from './media-type.ts';
import { startModelServer } from './model-server.ts';
import { UserError } from './user-error.ts';

describe('the environment', () => {
  it('is that of a container by default, and of a plain process where a base directory is named', () => {
    expect(readConfig({})).toEqual({
      baseDir: '/opt/ml',
      port: 8080,
      host: '0.0.0.0',
      batch: false,
      maxPayloadBytes: 6_291_456,
      maxBodyBytes: 50_331_648,
    });
    const given = {
      SAGEMAKER_BASE_DIR: '/jobs/1',
      SAGEMAKER_BIND_TO_PORT: '9001',
      SAGEMAKER_BATCH: 'true',
      SAGEMAKER_MAX_PAYLOAD_IN_MB: '2',
    };
    expect(readConfig(given)).toEqual({
      baseDir: '/jobs/1',
      port: 9001,
      host: '127.0.0.1',
      batch: true,
      maxPayloadBytes: 2_097_152,
      maxBodyBytes: 16_777_216,
    });
  });

  it('names the variable that is wrong', () => {
    expect(() => readConfig({ SAGEMAKER_BIND_TO_PORT: 'http' })).toThrow(
      'SAGEMAKER_BIND_TO_PORT must be a whole number',
    );
  });
});

describe('hyperparameters', () => {
  const spec = {
    rounds: required(whole(0, { min: 1, max: 9 })),
    rate: real(0.5, { min: 0, max: 1, openMin: true }),
    kind: choice<'a' | 'b'>('a', ['a', 'b']),
    names: list(choice<'x' | 'y'>('x', ['x', 'y'])),
  };

  it('are read from strings, absent ones by default', () => {
    expect(parseHyperparameters(spec, { rounds: '3' })).toEqual({
      rounds: 3,
      rate: 0.5,
      kind: 'a',
      names: [],
    });
    expect(parseHyperparameters(spec, { rounds: '3', names: 'y, x', kind: 'b', rate: '1e-2' })).toEqual({
      rounds: 3,
      rate: 0.01,
      kind: 'b',
      names: ['y', 'x'],
    });
  });

  it.each([
    [{}, 'Missing required hyperparameter rounds'],
    [{ rounds: '10' }, 'must be a whole number from 1 to 9, but is "10"'],
    [{ rounds: '2.5' }, 'must be a whole number'],
    [{ rounds: '1', rate: '0' }, 'must be a number above 0 to 1'],
    [{ rounds: '1', kind: 'c' }, 'must be one of a, b, but is "c"'],
    [{ rounds: '1', names: 'x,z' }, 'but is "z"'],
    [{ rounds: '1', toString: '1' }, 'Unknown hyperparameter toString'],
  ])('refuses %j', (given, message) => {
    expect(() => parseHyperparameters(spec, given)).toThrow(UserError);
    expect(() => parseHyperparameters(spec, given)).toThrow(message);
  });
});

describe('media types', () => {
  const offered = ['text/csv', 'application/json'] as const;
  it.each([
    [undefined, 'text/csv'],
    ['*/*', 'text/csv'],
    ['application/*', 'application/json'],
    ['image/png, application/json;q=0.5', 'application/json'],
  ])('Accept %s is answered with %s', (accept, type) => {
    expect(answerMediaType(accept, offered)).toBe(type);
  });

  it('of a request stand without their parameters', () => {
    expect(requestMediaType('Text/CSV; charset=utf-8', offered)).toBe('text/csv');
    expect(requestMediaType(undefined, offered)).toBe('text/csv');
  });
});

describe('the model server', () => {
  const config = { ...readConfig({ SAGEMAKER_BASE_DIR: '/', SAGEMAKER_BIND_TO_PORT: '0' }) };

  it('closes and rejects where the model cannot be loaded', async () => {
    const load = () => Promise.reject(new Error('no model.json'));
    await expect(startModelServer(config, load)).rejects.toThrow('no model.json');
  });

  it('answers 500 without the reason where the program fails, and goes on', async () => {
    const report = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    let calls = 0;
    const server = await startModelServer(config, async () => () => {
      calls++;
      if (calls === 1) throw new Error('secret');
      return { contentType: 'text/csv', body: 'fine' };
    });
    try {
      const post = () => fetch(`http://127.0.0.1:${server.port}/invocations`, { method: 'POST', body: '1' });
      const [failed, next] = [await post(), await post()];
      expect([failed.status, await failed.text()]).toEqual([500, 'The model failed on this request.']);
      expect(await next.text()).toBe('fine');
      expect(report).toHaveBeenCalledTimes(1);
    } finally {
      await server.close();
      report.mockRestore();
    }
  });
});
