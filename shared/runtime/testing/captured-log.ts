/** For tests: what a piece of work logs, kept from the terminal. */
export interface Logged<T> {
  readonly answer: T;
  /** The log's lines. */
  readonly lines: readonly string[];
}

export async function capturingLog<T>(work: () => Promise<T>): Promise<Logged<T>> {
  const lines: string[] = [];
  const write = process.stdout.write;
  process.stdout.write = ((text: string) => {
    lines.push(text);
    return true;
  }) as typeof write;
  try {
    return { answer: await work(), lines };
  } finally {
    process.stdout.write = write;
  }
}
