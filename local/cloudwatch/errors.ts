import { AwsError } from '../aws-error.ts';

/** The codes of the Query protocol by the names that the JSON protocol uses for the same errors. */
export const QUERY_CODES: Readonly<Record<string, string>> = {
  MissingRequiredParameterException: 'MissingParameter',
  InvalidParameterValueException: 'InvalidParameterValue',
};

export const missing = (parameter: string) =>
  new AwsError('MissingRequiredParameterException', `The parameter ${parameter} is required.`);

export const invalidValue = (message: string) => new AwsError('InvalidParameterValueException', message);
