/** The cloud at its worst, on purpose and repeatable: whatever AWS may do to its callers, decided by one seed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Disturb } from '../eventbridge/disturbance.ts';
import type { Services } from '../front-door.ts';
import type { DisturbInvocation } from '../lambda/environment.ts';
import type { SageMakerDisturbance } from '../sagemaker/disturbance.ts';
import { createDecisions, type Decisions } from './decisions.ts';
import { disturbedCalls } from './disturbed-calls.ts';

/** The file under the cloud's folder that tells how often each fault has struck. */
export const FAULTS_FILE = 'faults.json';
const WRITE_EVERY_MS = 1_000;
/** An event is late by at most so much, at AWS's pace. */
const LATEST_MS = 60_000;
/** A handler is killed within this time; a few end earlier. */
const KILL_MS = 60;
/** A spot instance is taken away within this time; jobs of a demo take a second or two. */
const SPOT_MS = 2_000;

export interface AdversaryOptions {
  readonly seed: number;
  /** Keeps FAULTS_FILE. */
  readonly dir: string;
  /** Divides every delay, as it does all of the cloud's waiting times. */
  readonly scale: number;
}

export interface Adversary {
  readonly disturb: Disturb;
  readonly disturbInvocation: DisturbInvocation;
  readonly disturbSageMaker: SageMakerDisturbance;
  /** The services as functions meet them. */
  disturbCalls(services: Services): Services;
  close(): void;
}

export function createAdversary({ seed, dir, scale }: AdversaryOptions): Adversary {
  const decisions = createDecisions(seed);
  const write = () => writeFileSync(join(dir, FAULTS_FILE), `${JSON.stringify(decisions.counts, null, 2)}\n`);
  const timer = setInterval(write, WRITE_EVERY_MS).unref();
  return {
    disturb: disturbance(decisions, LATEST_MS / scale),
    disturbInvocation: () => {
      const killAfterMs = inMs(decisions.strike('handler killed half-way'), KILL_MS);
      return killAfterMs === undefined ? undefined : { killAfterMs };
    },
    disturbSageMaker: {
      startJob: () => {
        const strength = decisions.strike('no capacity for a job');
        if (strength === undefined) return undefined;
        return strength < 0.5 ? 'limit-exceeded' : 'no-capacity';
      },
      spotInterruption: () => inMs(decisions.strike('spot interruption of a job'), SPOT_MS),
      rollbackSilently: () => decisions.strike('endpoint rolled back in silence') !== undefined,
      eventsTwice: () => decisions.strike('state change told twice') !== undefined,
    },
    disturbCalls: (services) => disturbedCalls(services, decisions),
    close: () => {
      clearInterval(timer);
      write();
    },
  };
}

const inMs = (strength: number | undefined, most: number): number | undefined =>
  strength === undefined ? undefined : strength * most;

/** Events come late, twice, or both: then others overtake them. EventBridge loses none. */
function disturbance(decisions: Decisions, latestMs: number): Disturb {
  return () => {
    const delay = inMs(decisions.strike('event late, others overtake it'), latestMs) ?? 0;
    const again = inMs(decisions.strike('event delivered twice'), latestMs);
    return again === undefined ? [delay] : [delay, again];
  };
}
