import { AwsError } from '../aws-error.ts';
import { answerJson } from '../json-protocol.ts';
import type { AppendLog, Clock, CloudService, Identity, JsonAction } from '../ports.ts';
import { describeLogGroups, describeLogStreams } from './describe.ts';
import { filterLogEvents, getLogEvents } from './read-events.ts';
import { LogStore } from './store.ts';

export interface LogsOptions {
  readonly dir: string;
  readonly clock: Clock;
  readonly identity: Identity;
}

export interface LogsService extends CloudService {
  /** The names of the API actions that are answered. */
  readonly actions: readonly string[];
  readonly append: AppendLog;
  createGroup(name: string): void;
}

/** CloudWatch Logs: AWS JSON 1.1 (target `Logs_20140328`). Each group is bounded; what is oldest goes first. */
export function createLogs({ dir, clock, identity }: LogsOptions): LogsService {
  const store = new LogStore(dir);
  let isOpen = true;
  const arn = (group: string) => `arn:aws:logs:${identity.region}:${identity.account}:log-group:${group}`;
  const actions: Record<string, JsonAction> = {
    DescribeLogGroups: (input) => describeLogGroups(store, arn, input),
    DescribeLogStreams: (input) => describeLogStreams(store, arn, groupOf(input, store), input),
    FilterLogEvents: (input) => filterLogEvents(store, groupOf(input, store), input),
    GetLogEvents: (input) => getLogEvents(store, groupOf(input, store), input),
  };
  return {
    actions: Object.keys(actions),
    append(group, stream, message, time) {
      // The output of functions that are killed at the end may come after it.
      if (isOpen) store.append(group, stream, message, time, clock.now());
    },
    createGroup: (name) => store.createGroup(name, clock.now()),
    handle: (request) => answerJson(request, { version: '1.1', actions }),
    async close() {
      isOpen = false;
      store.close();
    },
  };
}

/** The group that a request names, by its name or its ARN. */
function groupOf(input: Record<string, unknown>, store: LogStore): string {
  const reference = String(input.logGroupName ?? input.logGroupIdentifier ?? '');
  const name = reference.replace(/^arn:.*?:log-group:/, '').replace(/:\*$/, '');
  if (store.sizeOf(name) !== undefined) return name;
  throw new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
}
