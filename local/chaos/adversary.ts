/** The cloud at its worst, on purpose and repeatable: whatever AWS may do to its callers, decided by one seed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Disturb } from '../eventbridge/disturbance.ts';
import type { Services } from '../front-door.ts';
import { createDecisions, type Decisions } from './decisions.ts';
import { disturbedCalls } from './disturbed-calls.ts';

/** The file under the cloud's folder that tells how often each fault has struck. */
export const FAULTS_FILE = 'faults.json';
const WRITE_EVERY_MS = 1_000;
/** An event is late by at most so much, at AWS's pace. */
const LATEST_MS = 60_000;

export interface AdversaryOptions {
  readonly seed: number;
  /** Keeps FAULTS_FILE. */
  readonly dir: string;
  /** Divides every delay, as it does all of the cloud's waiting times. */
  readonly scale: number;
}

export interface Adversary {
  readonly disturb: Disturb;
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
    disturbCalls: (services) => disturbedCalls(services, decisions),
    close: () => {
      clearInterval(timer);
      write();
    },
  };
}

/** Events come late, twice, or both: then others overtake them. EventBridge loses none. */
function disturbance(decisions: Decisions, latestMs: number): Disturb {
  return () => {
    const delay = (decisions.strike('event late, others overtake it') ?? 0) * latestMs;
    const again = decisions.strike('event delivered twice');
    return again === undefined ? [delay] : [delay, again * latestMs];
  };
}
