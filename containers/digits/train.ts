import { type Channel, requireChannel } from '../contract/channels.ts';
import type { TrainingJob } from '../contract/training-job.ts';
import { UserError } from '../contract/user-error.ts';
import { createRandom } from '../numeric/random.ts';
import { type Dataset, readDataset } from './dataset.ts';
import { type DigitsHyperparameters, parseDigitsHyperparameters } from './hyperparameters.ts';
import { writeModel } from './model-files.ts';
import { accuracy, createNetwork, type Network, roundToSingle } from './network.ts';
import { rehearseTraining } from './rehearsal.ts';
import { createTrainer } from './trainer.ts';

/** Trains on channel `train`, measures on the optional channel `validation` after each epoch, writes the model. */
export async function train(job: TrainingJob): Promise<void> {
  const hyperparameters = parseDigitsHyperparameters(job.hyperparameters);
  const data = readDataset(requireChannel(job.channels, 'train'), hyperparameters.scale);
  const classes = countClasses(data.labels, hyperparameters.classes);
  const validation = readValidation(job.channels.get('validation'), hyperparameters.scale, data);
  job.log(`rows=${data.inputs.rows} inputs=${data.inputs.columns} classes=${classes}`);

  const random = createRandom(hyperparameters.seed);
  const shape = { inputs: data.inputs.columns, hidden: hyperparameters.hidden, classes };
  const network = createNetwork(shape, random);
  const labels = rehearseTraining(data.labels, hyperparameters.rehearse, random);
  const trainer = createTrainer(
    network,
    { inputs: data.inputs, labels },
    trainerOptions(hyperparameters, random),
  );
  for (let epoch = 1; epoch <= hyperparameters.epochs; epoch++) {
    const loss = trainer.runEpoch();
    job.log(epochLine(epoch, loss, network, validation));
    await job.breathe();
  }
  writeModel(job.modelDir, roundToSingle(network), hyperparameters);
}

function trainerOptions(hyperparameters: DigitsHyperparameters, random: () => number) {
  return { learningRate: hyperparameters.learning_rate, batchSize: hyperparameters.batch_size, random };
}

function countClasses(labels: Int32Array, declared: number | undefined): number {
  const needed = labels.reduce((largest, label) => Math.max(largest, label), 0) + 1;
  if (declared !== undefined && needed > declared) {
    throw new UserError(
      `Channel train has the label ${needed - 1}, but hyperparameter classes is ${declared}.`,
    );
  }
  return declared ?? Math.max(needed, 2);
}

function readValidation(channel: Channel | undefined, scale: number, data: Dataset): Dataset | undefined {
  if (!channel || channel.files.length === 0) return undefined;
  const validation = readDataset(channel, scale);
  if (validation.inputs.columns !== data.inputs.columns) {
    const [found, expected] = [validation.inputs.columns, data.inputs.columns];
    throw new UserError(`Channel validation has ${found} feature columns, but train has ${expected}.`);
  }
  return validation;
}

function epochLine(epoch: number, loss: number, network: Network, validation: Dataset | undefined): string {
  const start = `epoch=${epoch} train_loss=${loss.toFixed(6)}`;
  if (!validation) return `${start};`;
  return `${start} validation_accuracy=${accuracy(network, validation.inputs, validation.labels).toFixed(6)};`;
}
