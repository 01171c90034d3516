import type { Context } from '../context.ts';
import { parseS3Uri } from '../objects.ts';
import { invalid } from '../request.ts';
import { mustBeAnImage } from '../training/check.ts';
import { mustBeReadable } from '../training/inputs.ts';
import type { ProcessingInput, ProcessingOutput, ProcessingRequest } from './job.ts';
import { inFolder } from './job-folder.ts';

/** Throws AWS's ValidationException for what a schema cannot tell of a CreateProcessingJob request. */
export function checkProcessing(context: Context, request: ProcessingRequest): void {
  const { AppSpecification, ProcessingInputs = [], ProcessingOutputConfig, ProcessingResources } = request;
  mustBeAnImage(context, AppSpecification.ImageUri, request.RoleArn);
  if (ProcessingResources.ClusterConfig === undefined)
    throw invalid('ProcessingResources.ClusterConfig is required.');
  if (ProcessingResources.ClusterConfig.InstanceCount > 1)
    throw invalid('ClusterConfig.InstanceCount above 1 is not offered by the embedded cloud.');
  const outputs = ProcessingOutputConfig?.Outputs ?? [];
  mustDiffer(
    'input',
    ProcessingInputs.map((input) => input.InputName),
  );
  mustDiffer(
    'output',
    outputs.map((output) => output.OutputName),
  );
  for (const input of ProcessingInputs) checkInput(input);
  for (const output of outputs) checkOutput(output);
}

function mustDiffer(what: string, names: readonly string[]): void {
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw invalid(`Duplicate ${what} name: ${twice}`);
}

function checkInput({ InputName, AppManaged, S3Input }: ProcessingInput): void {
  if (AppManaged === true) throw notOffered(`AppManaged of input ${InputName}`);
  if (!S3Input) throw invalid(`Input ${InputName}: S3Input is required by the embedded cloud.`);
  const { LocalPath, S3InputMode = 'File', S3DataDistributionType = 'FullyReplicated' } = S3Input;
  mustBeReadable(S3Input);
  if (LocalPath === undefined) throw invalid(`Input ${InputName}: S3Input.LocalPath is required.`);
  inFolder(LocalPath, '/');
  if (S3InputMode !== 'File') throw notOffered(`S3InputMode ${S3InputMode}`);
  if (S3DataDistributionType !== 'FullyReplicated') throw notOffered(S3DataDistributionType);
  if ((S3Input.S3CompressionType ?? 'None') !== 'None') throw notOffered('S3CompressionType Gzip');
}

function checkOutput({ OutputName, AppManaged, S3Output }: ProcessingOutput): void {
  if (AppManaged === true) throw notOffered(`AppManaged of output ${OutputName}`);
  if (!S3Output) throw invalid(`Output ${OutputName}: S3Output is required by the embedded cloud.`);
  parseS3Uri(S3Output.S3Uri);
  if (S3Output.LocalPath === undefined)
    throw invalid(`Output ${OutputName}: S3Output.LocalPath is required.`);
  inFolder(S3Output.LocalPath, '/');
  if (S3Output.S3UploadMode !== 'EndOfJob') throw notOffered(`S3UploadMode ${S3Output.S3UploadMode}`);
}

const notOffered = (what: string) => invalid(`${what} is not offered by the embedded cloud.`);
