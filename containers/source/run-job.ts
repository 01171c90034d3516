import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CONTENT_FILE,
  type PullRequest,
  type PullResult,
  REQUEST_FILE,
  RESULT_FILE,
} from '../../shared/sources/job.ts';
import { SourceProblem, shown } from '../../shared/sources/problem.ts';

type Pull = (request: PullRequest, path: string) => Promise<PullResult>;

const EXIT_PROBLEM = 1;
const EXIT_PROGRAM_ERROR = 2;
const EXIT_TERMINATED = 143;

/** Runs one job and gives its exit code: 0, 1 where the source is to blame, 2 for an error of ours; in the last two
 * `output/message` holds the reason, which becomes the job's ExitMessage. */
export async function runJob(baseDir: string, pull: Pull): Promise<number> {
  // Process 1 of a container ignores SIGTERM unless it asks for it: StopProcessingJob would take 120 s.
  process.once('SIGTERM', () => process.exit(EXIT_TERMINATED));
  const processing = join(baseDir, 'processing');
  const asked = readFileSync(join(processing, 'input/request', REQUEST_FILE), 'utf8');
  const request = JSON.parse(asked) as PullRequest;
  const output = join(processing, 'output');
  try {
    mkdirSync(output, { recursive: true });
    const result = await pull(request, join(output, CONTENT_FILE));
    writeFileSync(join(output, RESULT_FILE), JSON.stringify(result));
    console.log(JSON.stringify({ url: shown(request.url), ...result }));
    return 0;
  } catch (error) {
    return tell(baseDir, request.url, error);
  }
}

function tell(baseDir: string, url: string, error: unknown): number {
  const isProblem = error instanceof SourceProblem;
  const message = error instanceof Error ? error.message : String(error);
  const reason = isProblem ? message : `${shown(url)} could not be pulled: ${message}`;
  console.error(isProblem ? reason : error);
  const folder = join(baseDir, 'output');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'message'), reason);
  return isProblem ? EXIT_PROBLEM : EXIT_PROGRAM_ERROR;
}
