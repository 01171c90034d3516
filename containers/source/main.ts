/** Pulls a declared source in a SageMaker Processing job: `input/request/request.json` below /opt/ml/processing says
 * which; its file and what is known of it go to `output/`. */
import { readConfig } from '../contract/config.ts';
import { pull } from './pull.ts';
import { runJob } from './run-job.ts';

const { baseDir } = readConfig(process.env);
process.exitCode = await runJob(baseDir, pull);
