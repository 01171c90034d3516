/** How a running job learns that it shall end: by a Stop request, or because the cloud closes. */
export interface JobSignals {
  readonly stop: AbortSignal;
  readonly closing: AbortSignal;
}

/** The jobs at work in this process, by name. */
export interface Jobs {
  run(name: string, work: (signals: JobSignals) => Promise<void>): void;
  /** Asks a job to stop; false when it is not at work. */
  stop(name: string): boolean;
  /** Ends every job's program and resolves when none is at work. */
  close(): Promise<void>;
}

export function createJobs(): Jobs {
  const closing = new AbortController();
  const atWork = new Map<string, { stop: AbortController; done: Promise<void> }>();
  return {
    run: (name, work) => {
      const stop = new AbortController();
      // A job that was deleted may still be clearing up when another takes its name.
      const before = atWork.get(name)?.done;
      const done = Promise.resolve(before)
        .then(() => work({ stop: stop.signal, closing: closing.signal }))
        .catch((error) => {
          if (!closing.signal.aborted) console.error(`SageMaker job ${name} ended unexpectedly`, error);
        })
        .finally(() => {
          if (atWork.get(name)?.stop === stop) atWork.delete(name);
        });
      atWork.set(name, { stop, done });
    },
    stop: (name) => {
      const job = atWork.get(name);
      job?.stop.abort();
      return job !== undefined;
    },
    close: async () => {
      closing.abort();
      await Promise.all([...atWork.values()].map((job) => job.done));
    },
  };
}
