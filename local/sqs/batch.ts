import { AwsError } from '../aws-error.ts';
import { queryCode } from './failure.ts';
import type { Wire } from './shapes.ts';

type Entry<T = object> = Wire<Omit<T, 'QueueUrl'>> & { readonly Id: string };

/** The input of a batch action: its entries are those of the single action. */
export interface Batch<T = object> {
  readonly QueueUrl: string;
  readonly Entries: readonly Entry<T>[];
}

const MOST_ENTRIES = 10;
const MOST_BYTES = 1_048_576;

/** Throws unless these are 1 to 10 entries with distinct ids, and of no more than 1 MiB together. */
export function checkBatch(entries: readonly Entry[], sizes: readonly number[] = []): void {
  const ids = entries.map(({ Id }) => Id);
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  if (ids.length === 0)
    throw new AwsError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  if (ids.length > MOST_ENTRIES) {
    const message = `Maximum number of entries per request are ${MOST_ENTRIES}. You have sent ${ids.length}.`;
    throw new AwsError('TooManyEntriesInBatchRequest', message);
  }
  if (!ids.every((id) => /^[\w-]{1,80}$/.test(id))) {
    const letters = 'A batch entry id can only contain alphanumeric characters, hyphens and underscores.';
    throw new AwsError('InvalidBatchEntryId', `${letters} It can be at most 80 letters long.`);
  }
  if (new Set(ids).size < ids.length)
    throw new AwsError('BatchEntryIdsNotDistinct', 'Two or more batch entries have the same Id.');
  if (bytes > MOST_BYTES) {
    const message = `Batch requests cannot be longer than ${MOST_BYTES} bytes. You have sent ${bytes} bytes.`;
    throw new AwsError('BatchRequestTooLong', message);
  }
}

/** What became of each entry. */
export function outcomes<T extends Entry>(entries: readonly T[], act: (entry: T) => unknown) {
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.Id, ...(act(entry) as object) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const { code, message } = error;
      Failed.push({ Id: entry.Id, SenderFault: true, Code: queryCode(code), Message: message });
    }
  }
  return { Successful, Failed };
}
