/** Patterns and builders of every name that users or AWS see. Deterministic: the same input, the same name. */
import { createHash } from 'node:crypto';

export const PIPELINE_NAME = '^[a-z][a-z0-9]*(-[a-z0-9]+)*$';
export const PIPELINE_NAME_MAX = 28;
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** The first `length` characters of the lower-case base32 of the SHA-256 of `text` (5 bits a character). */
export function shortHash(text: string, length = 26): string {
  const digest = createHash('sha256').update(text).digest();
  let out = '';
  let bits = 0;
  let value = 0;
  for (const byte of digest) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      out += BASE32[(value >>> (bits - 5)) & 31];
      bits -= 5;
    }
    value &= (1 << bits) - 1;
  }
  return out.slice(0, length);
}

/** `<pipeline>-<10 characters of the hash of its cause>`: the same cause always names the same run. */
export const runIdOf = (pipeline: string, cause: string): string =>
  `${pipeline}-${shortHash(`${pipeline}\n${cause}`, 10)}`;

/** The pipeline that a run id belongs to, or undefined when the text is no run id. */
export function pipelineOfRun(runId: string): string | undefined {
  const match = /^([a-z][a-z0-9]*(?:-[a-z0-9]+)*)-([a-z2-7]{10})$/.exec(runId);
  return match?.[1];
}

/** `ratchet-<stage>-<hash of the run>-a<attempt>`, at most 63 characters, as SageMaker wants. */
export const trainingJobName = (stage: string, runId: string, attempt: number): string =>
  `ratchet-${stage}-${shortHash(runId)}-a${attempt}`;

/** A transform job that predicts the held-out split of `runId` with `model`: one name for one such pair. */
export const transformJobName = (stage: string, runId: string, model: string, round: number): string =>
  `ratchet-${stage}-${shortHash(`${runId}\n${model}`)}-e${round}`;

/** A model is named after the run that made it; its endpoint variant has the same name. */
export const modelName = (stage: string, runId: string): string => `ratchet-${stage}-${runId}`;

export const endpointName = (stage: string, pipeline: string): string => `ratchet-${stage}-${pipeline}`;

/** One configuration for one desired state: its content is hashed, so that equal wishes share a name. */
export const endpointConfigName = (stage: string, pipeline: string, content: string): string =>
  `ratchet-${stage}-${shortHash(`${pipeline}\n${content}`)}`;
