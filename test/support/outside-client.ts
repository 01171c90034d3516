import process from 'node:process';

/** A program that nobody here wrote and that a suite runs. */
export interface OutsideClient {
  /** As the counts name it: `AWS CLI 2.9 (Debian)`. */
  readonly name: string;
  /** What is not there and how to get it; undefined when the client can run. */
  readonly missing: string | undefined;
}

/**
 * `describe` for what one client shows. Where the client is missing, its tests are skipped with a message, but for
 * continuous integration (CI=true), where they fail: a suite that nobody runs shows nothing.
 */
export function describeWith(client: OutsideClient, title: string, body: () => void): void {
  const { name, missing } = client;
  if (missing === undefined) {
    describe(`${title}, ${name}`, body);
  } else if (process.env.CI === 'true') {
    describe(`${title}, ${name}`, () => {
      it('is installed', () => {
        throw new Error(missing);
      });
    });
  } else {
    process.stderr.write(`Skipped ${name}: ${missing}\n`);
    describe.skip(`${title}, ${name}`, body); // The client is not installed, and this is not CI.
  }
}
