/** Cases through engines, and what came of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { type Case, cases } from './arbitrary-case.ts';
import { differences, parquetDifferences } from './compare.ts';
import type { Engine, Outcome } from './engine.ts';
import { readOutput } from './engine-output.ts';
import { reference } from './reference.ts';

/** Cases that an engine gets at once. */
const BATCH = 50;

export interface Difference {
  readonly engine: Engine;
  /** The case's place among those of its seed. */
  readonly run: number;
  readonly of: Case;
  readonly sentences: readonly string[];
}

/** The cases of a seed, always the same ones. */
export function casesOf(seed: number, count: number): readonly Case[] {
  const all: Case[] = [];
  fc.check(
    fc.property(cases, (of) => {
      all.push(of);
    }),
    { seed, numRuns: count },
  );
  return all;
}

/** Every case in which an engine differs from the reference. Files lie below `scratch` as long as they are needed. */
export async function tryAll(
  engines: readonly Engine[],
  all: readonly Case[],
  scratch: string,
  tell: (done: number) => void,
): Promise<readonly Difference[]> {
  const found: Difference[] = [];
  for (let first = 0; first < all.length; first += BATCH) {
    const batch = all.slice(first, first + BATCH);
    for (const engine of engines) {
      const told = await sentencesOf(engine, batch, scratch);
      for (const [at, sentences] of told.entries())
        if (sentences.length > 0) found.push({ engine, run: first + at, of: batch[at]!, sentences });
    }
    tell(first + batch.length);
  }
  return found;
}

/** The smallest case found within the time that differs as well. */
export async function shrink(
  { engine, run, of, sentences }: Difference,
  seed: number,
  scratch: string,
  milliseconds: number,
): Promise<Difference> {
  let smallest = { engine, run, of, sentences };
  await fc.check(
    fc.asyncProperty(cases, async (smaller) => {
      const [told = []] = await sentencesOf(engine, [smaller], scratch);
      if (told.length > 0) smallest = { engine, run, of: smaller, sentences: told };
      return told.length === 0;
    }),
    { seed, path: `${run}`, numRuns: 1, interruptAfterTimeLimit: milliseconds },
  );
  return smallest;
}

/** Sentences by case. */
async function sentencesOf(
  engine: Engine,
  batch: readonly Case[],
  scratch: string,
): Promise<readonly (readonly string[])[]> {
  const place = mkdtempSync(join(scratch, 'batch-'));
  try {
    const outcomes = await engine.prepare(batch, place);
    const told: (readonly string[])[] = [];
    for (const [at, of] of batch.entries()) told.push(await judged(of, outcomes[at]!));
    return told;
  } finally {
    rmSync(place, { recursive: true });
  }
}

async function judged(of: Case, outcome: Outcome): Promise<readonly string[]> {
  if (outcome.kind === 'failed') return [`it failed: ${outcome.failure}`];
  if (outcome.kind === 'compared') return outcome.sentences;
  const expected = reference(of.data, of.parts);
  const found = readOutput(outcome.directory);
  const told = differences(of, expected, found);
  if (expected.kind === 'rejected' || found.result?.kind !== 'prepared') return told;
  return [...told, ...(await parquetDifferences(of, expected, outcome.directory))];
}
