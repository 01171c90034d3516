/** `ratchet logs`: what the functions have logged, the newest last; with `-f`, what they log from then on too. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import {
  CloudWatchLogsClient,
  type FilteredLogEvent,
  paginateDescribeLogGroups,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import { connectionOf, credentials, defaultFolder, region } from './connection.ts';
import { CliError, exitCode } from './exit.ts';
import { print, styled } from './terminal.ts';

const EVERY_MS = 1_000;
/** What is written so much after the time that it bears is still seen. */
const LATE_MS = 5_000;
const PREFIX = '/aws/lambda/';
const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

interface Line {
  readonly functionName: string;
  readonly event: FilteredLogEvent;
}

export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      follow: { type: 'boolean', short: 'f', default: false },
      since: { type: 'string', default: '10m' },
      filter: { type: 'string', default: '' },
      dir: { type: 'string', default: defaultFolder },
    },
  });
  const { awsEndpoint } = connectionOf(values.dir);
  const client = new CloudWatchLogsClient({ endpoint: awsEndpoint, region, credentials });
  const groups = await groupsOf(client, positionals[0]);
  const width = Math.max(...groups.map((group) => shortNameOf(group).length));
  const readNew = createReader(client, groups, values.filter);
  let from = Date.now() - durationOf(values.since);
  for (;;) {
    const lines = await readNew(from).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNREFUSED' && error.code !== 'ECONNRESET') throw error;
      throw new CliError(`The Ratchet in ${values.dir} has stopped`, exitCode.unavailable);
    });
    for (const line of lines) print(textOf(line, width));
    if (!values.follow) break;
    await sleep(EVERY_MS);
    from = Math.max(from, Date.now() - EVERY_MS - LATE_MS);
  }
  client.destroy();
}

function durationOf(text: string): number {
  const [, number, unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? [];
  if (number === undefined)
    throw new CliError(`--since takes a duration like 30s, 5m, 2h or 1d, not "${text}"`, exitCode.usage);
  return Number(number) * (UNIT_MS[unit] ?? 0);
}

/** The groups of the functions whose names, short or whole, end in what was asked for. */
async function groupsOf(client: CloudWatchLogsClient, wanted = ''): Promise<readonly string[]> {
  const groups: string[] = [];
  for await (const page of paginateDescribeLogGroups({ client }, { logGroupNamePrefix: PREFIX }))
    groups.push(...(page.logGroups ?? []).map(({ logGroupName = '' }) => logGroupName));
  const found = groups.filter((group) => group.endsWith(wanted));
  if (wanted !== '' && found.length === 0) {
    const names = groups.map(shortNameOf).join(', ');
    throw new CliError(`There is no function "${wanted}"; there are ${names || 'none'}`, exitCode.usage);
  }
  return found;
}

/** Reads the events of all groups since a time (epoch ms) that it has not given before, in order of their times. */
function createReader(client: CloudWatchLogsClient, groups: readonly string[], filterPattern: string) {
  const seen = new Map<string, number>();

  async function readGroup(logGroupName: string, startTime: number): Promise<Line[]> {
    const lines: Line[] = [];
    const input = { logGroupName, startTime, ...(filterPattern && { filterPattern }) };
    for await (const { events = [] } of paginateFilterLogEvents({ client }, input)) {
      for (const event of events) {
        const key = `${logGroupName} ${event.eventId}`;
        if (seen.has(key)) continue;
        seen.set(key, event.timestamp ?? 0);
        lines.push({ functionName: shortNameOf(logGroupName), event });
      }
    }
    return lines;
  }

  return async (from: number): Promise<Line[]> => {
    for (const [key, time] of seen) if (time < from) seen.delete(key);
    const lines = await Promise.all(groups.map((group) => readGroup(group, from)));
    return lines.flat().sort((a, b) => (a.event.timestamp ?? 0) - (b.event.timestamp ?? 0));
  };
}

/** Without what all functions' names begin with: `ratchet-<stage>-`. */
const shortNameOf = (group: string): string => group.slice(PREFIX.length).replace(/^ratchet-[^-]+-/, '');

/** Time, function, message; Lambda's own lines recede, errors stand out. */
function textOf({ functionName, event }: Line, width: number): string {
  const { timestamp = 0, message = '' } = event;
  const time = new Date(timestamp).toISOString().slice(11, 23);
  const { level, text } = read(message.trimEnd());
  const style = STYLES[level];
  return `${styled('gray', time)}  ${styled('cyan', functionName.padEnd(width))}  ${style ? styled(style, text) : text}`;
}

const STYLES: Readonly<Record<string, 'red' | 'yellow' | 'gray'>> = {
  ERROR: 'red',
  FATAL: 'red',
  WARN: 'yellow',
  LAMBDA: 'gray',
};

/** The levels and texts of the three kinds of lines: `console`'s (time, request, level, text), JSON, Lambda's own. */
function read(message: string): { level: string; text: string } {
  const [, level, text] = /^\S+Z\t\S+\t([A-Z]+)\t(.*)$/s.exec(message) ?? [];
  if (level !== undefined && text !== undefined) return { level, text };
  if (message.startsWith('{')) return readJson(message);
  if (/Task timed out|Runtime exited|Status: (?:error|timeout)/.test(message))
    return { level: 'ERROR', text: message };
  const isOfLambda = /^(?:INIT_START|START|END|REPORT) /.test(message);
  return { level: isOfLambda ? 'LAMBDA' : '', text: message };
}

function readJson(text: string): { level: string; text: string } {
  try {
    const { level, message, ...fields } = JSON.parse(text) as Record<string, unknown>;
    if (typeof message !== 'string') return { level: String(level).toUpperCase(), text };
    const rest = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    return { level: String(level).toUpperCase(), text: [message, ...rest].join(' ') };
  } catch {
    return { level: '', text };
  }
}
