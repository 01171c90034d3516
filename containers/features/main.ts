/** The first container of an endpoint whose applications send raw records: `serve` only. */
import { runProgram } from '../contract/program.ts';
import { createInference } from './inference.ts';
import { loadPreparation } from './preparation.ts';

await runProgram({ load: async (modelDir) => createInference(loadPreparation(modelDir)) }, process.argv);
