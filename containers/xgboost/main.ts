import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../contract/program.ts';
import { createInference } from './inference.ts';
import { readModelJson } from './model-reader.ts';
import { MODEL_FILE, train } from './train.ts';

await runProgram(
  {
    train,
    load: async (modelDir, { batch }) => {
      return createInference(readModelJson(readFileSync(join(modelDir, MODEL_FILE))), batch);
    },
  },
  process.argv,
);
