/** Ratchet's loop, kept running: as soon as no run is under way, the next file is dropped. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '../../containers/numeric/random.ts';
import { endpointName } from '../../shared/contracts/names.ts';
import { isTerminal } from '../../shared/lifecycle/moves.ts';
import type { Phase } from '../../shared/lifecycle/run.ts';
import { type LiveRequests, startLiveRequests } from '../e2e/support/live-requests.ts';
import { points, pointsCsv } from '../e2e/support/specifications.ts';
import { createStory, type RunView, type Story } from '../e2e/support/story.ts';
import { STAGE } from '../e2e/support/test-cloud.ts';
import type { MortalCloud } from './mortal-cloud.ts';

export const ENDPOINT = endpointName(STAGE, 'points');
const LOOK_EVERY_MS = 150;
/** Every fourth file is a bad one. */
const BAD_EACH = 4;
const ROWS = 300;

/** Training takes a second, and so does the canary: there is time to strike. */
export const specification = () => {
  const { train, deploy, ...rest } = points();
  return {
    ...rest,
    train: { ...train, hyperparameters: { ...train.hyperparameters, num_round: 60 } },
    deploy: { ...deploy, canary: { ...deploy.canary, minimumTime: '2 seconds' } },
  };
};

/** Users ask about points like those that were learned from: there is no drift. */
export function ask(cloud: Pick<MortalCloud, 'sageMaker'>, endpoint: string, seed: number): LiveRequests {
  const random = createRandom(seed);
  const rows = Array.from({ length: 200 }, () => `${random().toFixed(4)},${random().toFixed(4)}`);
  return startLiveRequests(cloud, endpoint, rows);
}

export interface RunningLoop {
  /** Goes on with a cloud until it is stopped; answers what stops it. */
  run(cloud: MortalCloud): { stop(): Promise<void> };
  /** Whether a run is in this phase, by the last look. */
  isIn(phase: Phase): boolean;
  /** Acknowledged drops and the end that their runs must have, by key. */
  readonly due: ReadonlyMap<string, 'promoted' | 'rejected'>;
  /** When each run was last changed, by what users have been shown. */
  readonly shown: ReadonlyMap<string, string>;
}

/** The key of the file that a run began with. */
export function keyOf({ cause }: RunView): string | undefined {
  const { batch = '' } = cause as { batch?: string };
  return /\/(incoming\/.*)@/.exec(batch)?.[1];
}

export function createRunningLoop(): RunningLoop {
  const due = new Map<string, 'promoted' | 'rejected'>();
  const shown = new Map<string, string>();
  let last: readonly RunView[] = [];
  let files = 0;

  function isBusy(): boolean {
    const keys = new Set(last.filter(({ phase }) => isTerminal(phase)).map(keyOf));
    return last.some(({ phase }) => !isTerminal(phase)) || [...due.keys()].some((key) => !keys.has(key));
  }

  async function dropNext(cloud: MortalCloud): Promise<void> {
    files += 1;
    const isBad = files % BAD_EACH === 0;
    const key = `incoming/points/${isBad ? 'bad' : 'good'}-${files}.csv`;
    await cloud.drop(key, isBad ? 'x\nnothing\n' : pointsCsv(ROWS, files));
    due.set(key, isBad ? 'rejected' : 'promoted');
  }

  async function look(story: Story): Promise<void> {
    last = await story.runs();
    for (const { runId, updatedAt } of last) shown.set(runId, updatedAt);
  }

  return {
    due,
    shown,
    isIn: (phase) => last.some((run) => run.phase === phase),
    run(cloud) {
      const story = createStory(cloud.api, 'points');
      let isOver = false;
      async function goOn(): Promise<void> {
        while (!isOver) {
          await look(story);
          if (!isOver && !isBusy()) await dropNext(cloud);
          await sleep(LOOK_EVERY_MS);
        }
      }
      const work = goOn().catch((error: unknown) => {
        // What fails because the cloud was killed was not promised.
        if (!isOver) throw error;
      });
      work.catch(() => undefined);
      return {
        stop: () => {
          isOver = true;
          return work;
        },
      };
    },
  };
}
