/**
 * Preloaded into every container program that is a Node program (`node --import`). The cloud holds the other
 * end of stdin; when it dies, even by kill -9, stdin ends and this ends the program's whole process group. It
 * watches from a thread of its own, because a program may compute for minutes without a turn of its event loop.
 */
import { isMainThread, Worker } from 'node:worker_threads';

if (isMainThread && process.env.RATCHET_CONTAINER_PID === undefined) {
  // Not again in the program's own Node children and workers: their stdin is another.
  process.env.RATCHET_CONTAINER_PID = String(process.pid);
  const watch = `
    const { Socket } = require('node:net');
    const end = () => process.kill(-process.pid, 'SIGKILL');
    new Socket({ fd: 0 }).on('end', end).on('error', end).on('close', end).resume();`;
  const limits = { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 };
  new Worker(watch, { eval: true, execArgv: [], env: {}, resourceLimits: limits }).unref();
}
