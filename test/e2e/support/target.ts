/** Where the end-to-end suite runs: an embedded cloud of each test file's own, unless test/e2e/main.ts has prepared
 * another place and named the file that describes it. */
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import type { CloudInfo } from '../../../local/cloud.ts';

/** What the AWS SDK's clients take; without an endpoint they speak to AWS, without credentials they look for the
 * user's own. */
export interface ClientSettings {
  readonly endpoint?: string;
  readonly region: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface Target {
  readonly info: CloudInfo;
  readonly client: ClientSettings;
  readonly sageMaker: ClientSettings;
  /** How many times as long as with the embedded cloud a test waits before it gives up. */
  readonly patience: number;
}

const VARIABLE = 'RATCHET_E2E_TARGET';
const BARE_VARIABLE = 'RATCHET_E2E_BARE';

/** The environment in which test files that want an empty cloud start a MiniStack each. */
export const BARE: Readonly<Record<string, string>> = { [BARE_VARIABLE]: 'ministack' };
export const isBare: boolean = process.env[BARE_VARIABLE] !== undefined;

/** Writes `target` to `file`; gives the environment with which test files find it. */
export function passTarget(file: string, target: Target): Readonly<Record<string, string>> {
  writeFileSync(file, JSON.stringify(target));
  return { [VARIABLE]: file };
}

/** The place that was prepared; undefined where each test file starts a cloud of its own. */
export const target: Target | undefined = read(process.env[VARIABLE]);

function read(file: string | undefined): Target | undefined {
  return file === undefined ? undefined : (JSON.parse(readFileSync(file, 'utf8')) as Target);
}

/** A time limit, in any unit, as the place where the suite runs needs it. */
export const patient = (limit: number): number => limit * (target?.patience ?? 1);
