/** S3's cloud in a process of its own, for what only a process shows: tells its endpoint, and, once its input ends, the
 * most memory that it ever had (in bytes). */
import process from 'node:process';
import { startS3Cloud } from './s3-cloud.ts';

const say = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`);

const cloud = await startS3Cloud();
say({ endpoint: cloud.endpoint });
process.stdin.resume().once('end', async () => {
  await cloud.close();
  say({ mostMemory: process.resourceUsage().maxRSS * 1024 });
});
