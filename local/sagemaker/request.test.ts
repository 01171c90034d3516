import { checkRequest, nameOf } from './request.ts';

const job = {
  TrainingJobName: 'a',
  RoleArn: 'r',
  OutputDataConfig: { S3OutputPath: 's3://b' },
};

describe('checkRequest, on the schemas of the pinned SDK', () => {
  it('passes what is complete, and members that it does not know', async () => {
    await checkRequest('CreateTrainingJobRequest$', { ...job, HyperParameters: { a: '1' }, Whatever: 1 });
  });

  it.each([
    [
      'nothing at all',
      {},
      "3 validation errors detected: Value null at 'trainingJobName' failed to satisfy constraint: Member must not be null; ",
    ],
    [
      'an item without its member',
      { ...job, Tags: [{ Key: 'k', Value: 'v' }, { Key: 'k' }] },
      "1 validation error detected: Value null at 'tags.2.member.value' failed to satisfy constraint: Member must not be null",
    ],
  ])('names what is missing: %s', async (_, input, message) => {
    await expect(checkRequest('CreateTrainingJobRequest$', input)).rejects.toMatchObject({
      code: 'ValidationException',
      message: expect.stringContaining(message),
    });
  });

  it.each([
    ['a number for a text', { ...job, RoleArn: 1 }, 'Member roleArn must be a string'],
    ['a text for a map', { ...job, HyperParameters: 'x' }, 'Member hyperParameters must be a map'],
    [
      'a number in a map of texts',
      { ...job, HyperParameters: { a: 1 } },
      'Member hyperParameters.a must be a string',
    ],
    ['a text for a list', { ...job, Tags: 'x' }, 'Member tags must be a list'],
    [
      'a list for a structure',
      { ...job, OutputDataConfig: [] },
      'Member outputDataConfig must be a structure',
    ],
    [
      'a text for a number',
      { ...job, StoppingCondition: { MaxRuntimeInSeconds: '1' } },
      'Member stoppingCondition.maxRuntimeInSeconds must be a number',
    ],
  ])('refuses %s', async (_, input, message) => {
    await expect(checkRequest('CreateTrainingJobRequest$', input)).rejects.toMatchObject({
      code: 'SerializationException',
      message,
    });
  });
});

describe('nameOf', () => {
  it.each(['a', 'A-1', 'a--b', 'a'.repeat(63)])('takes %s', (name) => {
    expect(nameOf({ ModelName: name }, 'ModelName')).toBe(name);
  });

  it.each([undefined, '', '-a', 'a-', 'a_b', 'a/b', 'a\n', `a${'-'.repeat(61)}_`, 'a'.repeat(64)])(
    'refuses %j',
    (name) => {
      expect(() => nameOf({ ModelName: name }, 'ModelName')).toThrow(
        /^1 validation error detected: Value .* at 'modelName' /s,
      );
    },
  );
});
