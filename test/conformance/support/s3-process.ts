/** S3's cloud in a process of its own, for what only a process shows: tells its endpoint, and, once its input ends, the
 * most memory that it ever had (in bytes). */
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { startS3Cloud } from './s3-cloud.ts';

/** Linux: what `resourceUsage` tells as the most goes on from the process that started this one, here the test's. */
function mostMemory(): number {
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return Number(kib) * 1024;
}

const say = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`);

const cloud = await startS3Cloud();
say({ endpoint: cloud.endpoint });
process.stdin.resume().once('end', async () => {
  await cloud.close();
  say({ mostMemory: mostMemory() });
});
