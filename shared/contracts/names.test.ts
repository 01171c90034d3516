import { createHash } from 'node:crypto';
import fc from 'fast-check';
import {
  endpointConfigName,
  endpointName,
  modelName,
  PIPELINE_NAME,
  PIPELINE_NAME_MAX,
  pipelineOfRun,
  runIdOf,
  shortHash,
  trainingJobName,
  transformJobName,
} from './names.ts';

/** What SageMaker asks of every name (API reference, CreateTrainingJob). */
const SAGEMAKER_NAME = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/;
const LONGEST_STAGE = 'production';
const LONGEST_PIPELINE = `${'a'.repeat(13)}-${'b'.repeat(14)}`;

const letters = 'abcdefghijklmnopqrstuvwxyz';
const word = (first: string, max: number): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom(...first),
      fc.string({ unit: fc.constantFrom(...letters, ...'0123456789'), maxLength: max }),
    )
    .map(([head, tail]) => head + tail);
const pipelines = fc
  .tuple(word(letters, 8), fc.array(word(`${letters}0123456789`, 8), { maxLength: 2 }))
  .map(([head, others]) => [head, ...others].join('-').slice(0, PIPELINE_NAME_MAX).replace(/-$/, ''));
const stages = word(letters, 9);

const namesOf = (stage: string, pipeline: string, cause: string): Record<string, string> => {
  const runId = runIdOf(pipeline, cause);
  return {
    trainingJob: trainingJobName(stage, runId, 3),
    transformJob: transformJobName(stage, runId, modelName(stage, runId), 999),
    model: modelName(stage, runId),
    endpoint: endpointName(stage, pipeline),
    endpointConfig: endpointConfigName(stage, pipeline, cause),
  };
};

describe('names', () => {
  it('fit SageMaker for every pipeline, stage and cause', () => {
    fc.assert(
      fc.property(stages, pipelines, fc.string(), (stage, pipeline, cause) => {
        expect(pipeline).toMatch(new RegExp(PIPELINE_NAME));
        for (const name of Object.values(namesOf(stage, pipeline, cause)))
          expect(name).toMatch(SAGEMAKER_NAME);
      }),
    );
  });

  it('fit SageMaker for the longest of them', () => {
    expect(LONGEST_PIPELINE).toHaveLength(PIPELINE_NAME_MAX);
    for (const name of Object.values(namesOf(LONGEST_STAGE, LONGEST_PIPELINE, 'cause'))) {
      expect(name).toMatch(SAGEMAKER_NAME);
      expect(name.length).toBeLessThanOrEqual(63);
    }
  });

  it('are the same for the same, and others for another', () => {
    const causes = fc.tuple(fc.string(), fc.string()).filter(([a, b]) => a !== b);
    fc.assert(
      fc.property(stages, pipelines, causes, (stage, pipeline, [cause, other]) => {
        expect(namesOf(stage, pipeline, cause)).toEqual(namesOf(stage, pipeline, cause));
        expect(runIdOf(pipeline, cause)).not.toBe(runIdOf(pipeline, other));
        expect(endpointConfigName(stage, pipeline, cause)).not.toBe(
          endpointConfigName(stage, pipeline, other),
        );
      }),
    );
    const runId = runIdOf('digits', 'batch:1');
    expect(trainingJobName('dev', runId, 1)).not.toBe(trainingJobName('dev', runId, 2));
    expect(transformJobName('dev', runId, 'm', 1)).not.toBe(transformJobName('dev', runId, 'm', 2));
    expect(transformJobName('dev', runId, 'm', 1)).not.toBe(transformJobName('dev', runId, 'n', 1));
  });

  it('are not mixed up where pipeline and cause together read alike', () => {
    expect(runIdOf('a-b', 'c')).not.toBe(runIdOf('a', 'b-c'));
    expect(endpointConfigName('dev', 'a', 'b\nc')).not.toBe(endpointConfigName('dev', 'a\nb', 'd'));
  });

  it('stay what they were: a running system finds its jobs by them', () => {
    expect(namesOf('dev', 'digits', 'batch:1')).toEqual({
      endpoint: 'ratchet-dev-digits',
      endpointConfig: 'ratchet-dev-tbvz2cl5l2t2wzjsw3e5vbgero',
      model: 'ratchet-dev-digits-tbvz2cl5l2',
      trainingJob: 'ratchet-dev-wgftta2hs6lzovslsby6wzu6gx-a3',
      transformJob: 'ratchet-dev-xeepolt4lxqlslkz5al7hxlis4-e999',
    });
  });
});

describe('a run id', () => {
  it('tells its pipeline', () => {
    fc.assert(
      fc.property(pipelines, fc.string(), (pipeline, cause) => {
        expect(pipelineOfRun(runIdOf(pipeline, cause))).toBe(pipeline);
      }),
    );
  });

  it.each([
    '',
    'digits',
    'digits-',
    'digits-abc',
    '-abcdefghij',
    'Digits-abcdefghij',
    'digits-ABCDEFGHIJ',
    'digits-abcdefghi1',
    'a/b-abcdefghij',
    'digits-abcdefghij\n',
  ])('is not: %j', (text) => expect(pipelineOfRun(text)).toBeUndefined());
});

describe('shortHash', () => {
  it('is the lower-case base32 of SHA-256, RFC 4648', () => {
    const bits = [...createHash('sha256').update('ratchet').digest()].map((byte) =>
      byte.toString(2).padStart(8, '0'),
    );
    const groups = bits.join('').match(/.{5}/g) ?? [];
    const expected = groups
      .map((group) => 'abcdefghijklmnopqrstuvwxyz234567'[Number.parseInt(group, 2)])
      .join('');
    expect(shortHash('ratchet', 51)).toBe(expected);
    expect(shortHash('ratchet')).toBe(expected.slice(0, 26));
    expect(shortHash('ratchet', 10)).toBe(expected.slice(0, 10));
  });
});
