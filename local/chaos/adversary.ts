/** The cloud at its worst, on purpose and repeatable: whatever AWS may do to its callers, decided by one seed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Disturb } from '../eventbridge/disturbance.ts';
import type { Services } from '../front-door.ts';
import type { DisturbInvocation } from '../lambda/environment.ts';
import type { SageMakerDisturbance } from '../sagemaker/disturbance.ts';
import { createDecisions, type Fault } from './decisions.ts';
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

export type Adversary = ReturnType<typeof createAdversary>;

/** The hooks of the cloud's parts, in one hand. */
export function createAdversary({ seed, dir, scale }: AdversaryOptions) {
  const { strike, counts } = createDecisions(seed);
  const strikes = (fault: Fault): boolean => strike(fault) !== undefined;
  const within = (ms: number, fault: Fault): number | undefined => {
    const strength = strike(fault);
    return strength === undefined ? undefined : strength * ms;
  };

  /** Events come late, twice, or both: then others overtake them. EventBridge loses none. */
  const disturb: Disturb = () => {
    const delay = within(LATEST_MS / scale, 'event late, others overtake it') ?? 0;
    const again = within(LATEST_MS / scale, 'event delivered twice');
    return again === undefined ? [delay] : [delay, again];
  };
  const disturbInvocation: DisturbInvocation = () => {
    const killAfterMs = within(KILL_MS, 'handler killed half-way');
    return killAfterMs === undefined ? undefined : { killAfterMs };
  };
  const disturbSageMaker: SageMakerDisturbance = {
    startJob: () => {
      const strength = strike('no capacity for a job');
      if (strength === undefined) return undefined;
      return strength < 0.5 ? 'limit-exceeded' : 'no-capacity';
    },
    spotInterruption: () => within(SPOT_MS, 'spot interruption of a job'),
    rollbackSilently: () => strikes('endpoint rolled back in silence'),
    eventsTwice: () => strikes('state change told twice'),
  };

  const write = () => writeFileSync(join(dir, FAULTS_FILE), `${JSON.stringify(counts, null, 2)}\n`);
  const timer = setInterval(write, WRITE_EVERY_MS).unref();
  return {
    disturb,
    disturbInvocation,
    disturbSageMaker,
    /** Of the services' own events; users' are taken. */
    refuseEntry: (source: string) => source.startsWith('ratchet.') && strikes('event refused by PutEvents'),
    /** The services as functions meet them. */
    disturbCalls: (services: Services) => disturbedCalls(services, { strike }),
    close(): void {
      clearInterval(timer);
      write();
    },
  };
}
