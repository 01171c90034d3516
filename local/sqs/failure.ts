import { AwsError } from '../aws-error.ts';

export function invalidValue(value: unknown, parameter: string, reason: string): AwsError {
  return invalid(`Value ${String(value)} for parameter ${parameter} is invalid. Reason: ${reason}`);
}

export const invalid = (message: string) => new AwsError('InvalidParameterValueException', message);

export const missing = (parameter: string) =>
  new AwsError('MissingRequiredParameterException', `The request must contain the parameter ${parameter}.`);

/** The Query protocol's names of codes that the SDK's client has no shape of. */
const PLAIN: Readonly<Record<string, string>> = {
  InvalidParameterValueException: 'InvalidParameterValue',
  MissingRequiredParameterException: 'MissingParameter',
  SerializationException: 'MalformedInput',
};

export const plainCode = (code: string) => PLAIN[code] ?? code;

export const noSuchQueue = () => new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
