import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { UserError } from './user-error.ts';

/** One channel of a training job, as `inputdataconfig.json` and the folder `input/data/<channel>` give it. */
export interface Channel {
  readonly name: string;
  /** Media type in lower case without parameters; undefined where the job names none. */
  readonly contentType: string | undefined;
  /** Absolute paths of all files, also in subfolders, in the order of their names. */
  readonly files: readonly string[];
  readonly directory: string;
}

interface ChannelConfig {
  readonly ContentType?: string;
  readonly TrainingInputMode?: string;
}

/** Reads every channel of the job. Throws UserError for Pipe mode, which these programs do not read. */
export function readChannels(baseDir: string): ReadonlyMap<string, Channel> {
  const path = join(baseDir, 'input/config/inputdataconfig.json');
  const config = JSON.parse(readFileSync(path, 'utf8')) as Record<string, ChannelConfig>;
  return new Map(
    Object.entries(config).map(([name, channel]) => [name, readChannel(baseDir, name, channel)]),
  );
}

function readChannel(baseDir: string, name: string, config: ChannelConfig): Channel {
  if (config.TrainingInputMode === 'Pipe') {
    throw new UserError(`Channel ${name} has TrainingInputMode Pipe; use File or FastFile.`);
  }
  const directory = join(baseDir, 'input/data', name);
  const contentType = config.ContentType?.split(';')[0]?.trim().toLowerCase() || undefined;
  return { name, contentType, files: filesUnder(directory), directory };
}

function filesUnder(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** A channel that must be there and hold at least one file. */
export function requireChannel(channels: ReadonlyMap<string, Channel>, name: string): Channel {
  const channel = channels.get(name);
  if (!channel) throw new UserError(`Missing required channel ${name}.`);
  if (channel.files.length === 0) throw new UserError(`Channel ${name} holds no file.`);
  return channel;
}

/** How messages name a file of a channel: `train/part-0.csv`. */
export function fileLabel(channel: Channel, file: string): string {
  return `${channel.name}/${relative(channel.directory, file)}`;
}
