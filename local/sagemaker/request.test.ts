import fc from 'fast-check';
import { checkedInput } from './request.ts';

const job = {
  TrainingJobName: 'a',
  RoleArn: 'arn:aws:iam::000000000000:role/a',
  OutputDataConfig: { S3OutputPath: 's3://b' },
};

const check = (input: Record<string, unknown>) => checkedInput('CreateTrainingJob', input);

describe('checkedInput, on the schemas of the pinned SDK', () => {
  it('passes what is complete, without members that it does not know', async () => {
    const whole = { ...job, HyperParameters: { a: '1' }, Tags: [{ Key: 'k', Value: '' }] };
    const more = { ...whole, Whatever: 1, OutputDataConfig: { S3OutputPath: 's3://b', Other: [] } };
    expect(await check(more)).toEqual(whole);
  });

  const failed = (text: string) => `failed to satisfy constraint: ${text}`;

  it.each([
    [
      'nothing at all',
      {},
      `3 validation errors detected: Value null at 'trainingJobName' ${failed('Member must not be null')}; Value null at 'roleArn' ${failed('Member must not be null')}; Value null at 'outputDataConfig' ${failed('Member must not be null')}`,
    ],
    [
      'an item without its member',
      { ...job, Tags: [{ Key: 'k', Value: 'v' }, { Key: 'k' }] },
      `1 validation error detected: Value null at 'tags.2.member.value' ${failed('Member must not be null')}`,
    ],
    [
      'a pattern',
      { ...job, TrainingJobName: 'a_b' },
      `1 validation error detected: Value 'a_b' at 'trainingJobName' ${failed('Member must satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}')}`,
    ],
    [
      'a length',
      { ...job, TrainingJobName: 'a'.repeat(64) },
      `1 validation error detected: Value '${'a'.repeat(64)}' at 'trainingJobName' ${failed('Member must have length less than or equal to 63')}`,
    ],
    [
      'a number that is too small',
      { ...job, StoppingCondition: { MaxRuntimeInSeconds: 0 } },
      `1 validation error detected: Value '0' at 'stoppingCondition.maxRuntimeInSeconds' ${failed('Member must have value greater than or equal to 1')}`,
    ],
    [
      'a value that is none of the known',
      {
        ...job,
        AlgorithmSpecification: { TrainingImage: 'i', TrainingInputMode: 'Tape' },
      },
      `1 validation error detected: Value 'Tape' at 'algorithmSpecification.trainingInputMode' ${failed('Member must satisfy enum value set: [FastFile, File, Pipe]')}`,
    ],
    [
      'a list of too many',
      { ...job, InputDataConfig: [] },
      `1 validation error detected: Value '[]' at 'inputDataConfig' ${failed('Member must have length greater than or equal to 1')}`,
    ],
    [
      'values of a map, told once',
      { ...job, HyperParameters: { a: 'x'.repeat(2501), b: 'y'.repeat(2501) } },
      `1 validation error detected: Value '{a=${'x'.repeat(2501)}, b=${'y'.repeat(2501)}}' at 'hyperParameters' ${failed('Map value must satisfy constraint: [Member must have length less than or equal to 2500, Member must have length greater than or equal to 0, Member must satisfy regular expression pattern: .*]')}`,
    ],
  ])("names what is wrong in AWS's words: %s", async (_, input, message) => {
    await expect(check(input)).rejects.toMatchObject({ code: 'ValidationException', message });
  });

  it.each([
    ['a number for a text', { ...job, RoleArn: 1 }, 'NUMBER_VALUE can not be converted to a String'],
    [
      'a structure for a text',
      { ...job, RoleArn: {} },
      'Start of structure or map found where not expected.',
    ],
    ['a text for a map', { ...job, HyperParameters: 'x' }, 'Expected map or null'],
    [
      'a boolean in a map of texts',
      { ...job, HyperParameters: { a: true } },
      'TRUE_VALUE can not be converted to a String',
    ],
    ['a text for a list', { ...job, Tags: 'x' }, 'Expected list or null'],
    ['a list for a structure', { ...job, OutputDataConfig: [] }, 'Start of list found where not expected'],
    ['a text for a structure', { ...job, OutputDataConfig: 'x' }, 'Expected null'],
    [
      'a text for a number',
      { ...job, StoppingCondition: { MaxRuntimeInSeconds: '1' } },
      'STRING_VALUE can not be converted to an Integer',
    ],
  ])('refuses %s', async (_, input, message) => {
    await expect(check(input)).rejects.toMatchObject({ code: 'SerializationException', message });
  });

  it('answers whatever it is asked with an error of AWS, or with what it then takes as it is', async () => {
    const members = fc.constantFrom(
      'TrainingJobName',
      'Tags',
      'InputDataConfig',
      'HyperParameters',
      'ResourceConfig',
    );
    await fc.assert(
      fc.asyncProperty(members, fc.jsonValue(), async (member, value) => {
        const outcome = await check({ ...job, [member]: value }).catch((error) => error as Error);
        if (outcome instanceof Error) expect(outcome.name).toMatch(/^(?:Validation|Serialization)Exception$/);
        else expect(await check(outcome)).toEqual(outcome);
      }),
    );
  });

  it.each([
    ['a', true],
    ['A-1', true],
    ['a--b', true],
    ['a'.repeat(63), true],
    ['', false],
    ['-a', false],
    ['a-', false],
    ['a/b', false],
    ['a\n', false],
    [`a${'-'.repeat(61)}_`, false],
  ])('knows names: %j', async (name, good) => {
    const outcome = await check({ ...job, TrainingJobName: name }).then(
      () => true,
      () => false,
    );
    expect(outcome).toBe(good);
  });
});
