/** What the keys outside `data` ask of each other. */
import { didYouMean } from './did-you-mean.ts';
import { secondsOf } from './duration.ts';
import { parseImageUri, trainingImages } from './images.ts';
import type { PipelineSpecification } from './pipeline-specification.ts';
import type { Finding } from './yaml-source.ts';

const DAY = 86_400;
/** SageMaker stops a training job after 28 days at the latest. */
const LONGEST_TRAINING = 28 * DAY;

export function lifecycleFindings(specification: PipelineSpecification): readonly Finding[] {
  return [
    ...gate(specification.evaluate),
    ...canary(specification.deploy.canary),
    ...training(specification.train),
  ];
}

function gate({
  metric,
  prediction,
  required,
  threshold,
  margin,
}: PipelineSpecification['evaluate']): Finding[] {
  const findings: Finding[] = [];
  const fitting = FITTING[metric];
  if (!fitting.includes(prediction)) {
    const expected = fitting.map((name) => `"${name}"`).join(' or ');
    findings.push({
      path: ['evaluate', 'prediction'],
      message: `the metric "${metric}" needs the prediction ${expected}, found "${prediction}"`,
    });
  }
  const most = metric === 'accuracy' ? 1 : Number.POSITIVE_INFINITY;
  if (required < 0 || required > most) {
    const expected = metric === 'accuracy' ? 'a number from 0 to 1' : 'a number of at least 0';
    findings.push({
      path: ['evaluate', 'required'],
      message: `expected ${expected} for "${metric}", found ${required}`,
    });
  }
  if (margin > most) {
    findings.push({
      path: ['evaluate', 'margin'],
      message: `expected at most 1 for "${metric}", found ${margin}`,
    });
  }
  if (prediction === 'probability' && (threshold <= 0 || threshold >= 1)) {
    findings.push({
      path: ['evaluate', 'threshold'],
      message: `expected a number between 0 and 1, found ${threshold}`,
    });
  }
  return findings;
}

const FITTING: Readonly<Record<PipelineSpecification['evaluate']['metric'], readonly string[]>> = {
  accuracy: ['label', 'probability'],
  'log-loss': ['probability'],
  rmse: ['value'],
  mae: ['value'],
};

function canary({ weights, minimumTime, timeout }: PipelineSpecification['deploy']['canary']): Finding[] {
  const findings: Finding[] = weights.flatMap((weight, at) => {
    const before = weights[at - 1];
    if (before === undefined || weight > before) return [];
    const path = ['deploy', 'canary', 'weights', at];
    return [{ path, message: `expected more than the weight before it (${before}), found ${weight}` }];
  });
  if (secondsOf(timeout) < secondsOf(minimumTime)) {
    const message = `expected at least minimumTime (${minimumTime}), found ${timeout}`;
    findings.push({ path: ['deploy', 'canary', 'timeout'], message });
  }
  return findings;
}

function training({ image, maximumRuntime }: PipelineSpecification['train']): Finding[] {
  const seconds = secondsOf(maximumRuntime);
  const findings: Finding[] = [];
  if (!(trainingImages as readonly string[]).includes(image) && !parseImageUri(image)) {
    const ours = trainingImages.map((name) => `"${name}"`).join(', ');
    const message = `expected one of our containers (${ours}) or the URI of an image in ECR, <account>.dkr.ecr.<region>.amazonaws.com/<name>:<tag>, found "${image}"${didYouMean(image, trainingImages)}`;
    findings.push({ path: ['train', 'image'], message });
  }
  if (seconds < 1 || seconds > LONGEST_TRAINING) {
    const message = `expected from 1 second to 28 days, found ${maximumRuntime}`;
    findings.push({ path: ['train', 'maximumRuntime'], message });
  }
  return findings;
}
