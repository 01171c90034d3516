import { type ContainerConfig, readConfig } from './config.ts';
import { type Infer, startModelServer } from './model-server.ts';
import { runTraining, type TrainingJob } from './training-job.ts';
import { UserError } from './user-error.ts';

/** What one algorithm brings to the container contract. */
export interface Algorithm {
  /** Absent where the image only serves. */
  train?(job: TrainingJob): Promise<void>;
  /** Loads the model from `modelDir`. Throws with a message that says what is wrong with its files. */
  load(modelDir: string, config: ContainerConfig): Promise<Infer>;
}

const USAGE = 'Usage: node main.ts train|serve';
const EXIT_USAGE = 64;

/** Runs an image's word, `train` or `serve`, and sets the exit code. */
export async function runProgram(algorithm: Algorithm, argv: readonly string[]): Promise<void> {
  const config = readConfig(process.env);
  const word = argv[2];
  switch (word) {
    case 'train':
      process.exitCode = await runTraining(config, async (job) => {
        if (!algorithm.train) throw new UserError('This image only serves; name another one for training.');
        await algorithm.train(job);
      });
      return;
    case 'serve':
      return serve(config, algorithm);
    default:
      console.error(USAGE);
      process.exitCode = EXIT_USAGE;
  }
}

async function serve(config: ContainerConfig, algorithm: Algorithm): Promise<void> {
  try {
    const server = await startModelServer(config, () => algorithm.load(`${config.baseDir}/model`, config));
    console.log(`Serving on port ${server.port}`);
    process.once('SIGTERM', () => void server.close().then(() => process.exit(0)));
    process.once('SIGINT', () => void server.close().then(() => process.exit(0)));
  } catch (error) {
    console.error(`The model cannot be served: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
