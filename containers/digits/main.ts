import { setTimeout as wait } from 'node:timers/promises';
import { runProgram } from '../contract/program.ts';
import { createInference } from './inference.ts';
import { readModel } from './model-files.ts';
import { rehearseServing } from './rehearsal.ts';
import { train } from './train.ts';

await runProgram(
  {
    train,
    load: async (modelDir, { batch }) => {
      const model = readModel(modelDir);
      return rehearseServing(createInference(model, batch), model.description.hyperparameters.rehearse, {
        batch,
        wait,
      });
    },
  },
  process.argv,
);
