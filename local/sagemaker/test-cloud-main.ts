/** For tests: a cloud in a process of its own, to be killed. Prints its URL; its folder is its only argument. */
import { startTestCloud } from './test-cloud.ts';

const cloud = await startTestCloud({ dir: process.argv[2]! });
console.log(cloud.url);
