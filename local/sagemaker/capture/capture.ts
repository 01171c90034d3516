import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Context } from '../context.ts';
import type { DataCaptureConfig } from '../endpoints/record.ts';
import { type S3Address, under } from '../objects.ts';
import { captureLine, type Inference } from './record.ts';
import { discard, openSpool, readSpool, type SpoolFile, spooled } from './spool.ts';

const MAX_RECORDS = 100;
const FLUSH_MS = 60_000;
const MIN_FLUSH_MS = 1000;

/** Data capture: samples answered invocations and writes them to S3 as JSON Lines. */
export interface Capture {
  record(config: DataCaptureConfig, inference: Inference): void;
  /** Writes what an earlier process left behind. */
  restore(): Promise<void>;
  /** Writes everything; what S3 does not take stays on disk for the next start. */
  close(): Promise<void>;
}

interface Buffer {
  readonly spool: SpoolFile;
  readonly timer: NodeJS.Timeout;
}

export function createCapture(context: Context, random: () => number): Capture {
  const dir = join(context.dir, 'capture');
  const buffers = new Map<string, Buffer>();
  const retries = new Set<NodeJS.Timeout>();
  const flushMs = Math.max(MIN_FLUSH_MS, FLUSH_MS / context.clock.scale);
  let closing = false;

  async function write(path: string): Promise<void> {
    try {
      const spool = await readSpool(path);
      if (spool) await context.objects.write(spool.address, spool.body, 'application/json');
      await discard(path);
    } catch (error) {
      console.error(`Captured data not written, will retry: ${String(error)}`);
      if (closing) return;
      const timer = setTimeout(() => {
        retries.delete(timer);
        context.background(write(path));
      }, flushMs);
      retries.add(timer);
    }
  }

  async function flush(key: string): Promise<void> {
    const buffer = buffers.get(key);
    if (!buffer) return;
    buffers.delete(key);
    clearTimeout(buffer.timer);
    buffer.spool.seal();
    await write(buffer.spool.path);
  }

  function bufferFor(config: DataCaptureConfig, inference: Inference, key: string): Buffer {
    const known = buffers.get(key);
    if (known) return known;
    const spool = openSpool(dir, captureAddress(config, inference));
    const fresh = { spool, timer: setTimeout(() => context.background(flush(key)), flushMs) };
    buffers.set(key, fresh);
    return fresh;
  }

  return {
    record: (config, inference) => {
      if (!config.EnableCapture || random() * 100 >= config.InitialSamplingPercentage) return;
      const key = captureFolder(inference) + config.DestinationS3Uri;
      const { spool } = bufferFor(config, inference, key);
      spool.append(captureLine(config, inference));
      if (spool.count >= MAX_RECORDS) context.background(flush(key));
    },
    restore: async () => {
      const left = await spooled(dir);
      const open = new Set([...buffers.values()].map((buffer) => buffer.spool.path));
      await Promise.all(left.filter((path) => !open.has(path)).map(write));
    },
    close: async () => {
      closing = true;
      for (const timer of retries) clearTimeout(timer);
      await Promise.all([...buffers.keys()].map(flush));
    },
  };
}

const captureFolder = ({ endpoint, variant, time }: Inference) =>
  `${endpoint}/${variant}/${new Date(time).toISOString().slice(0, 13).replaceAll(/[-T]/g, '/')}`;

/** `<destination>/<endpoint>/<variant>/yyyy/mm/dd/hh/mm-ss-mmm-<uuid>.jsonl` */
function captureAddress(config: DataCaptureConfig, inference: Inference): S3Address {
  const minute = new Date(inference.time).toISOString().slice(14, 23).replaceAll(/[:.]/g, '-');
  return under(config.DestinationS3Uri, `${captureFolder(inference)}/${minute}-${randomUUID()}.jsonl`);
}
