import { AwsError } from '../aws-error.ts';

/** The codes of the Query protocol by the names that the JSON protocol uses for the same errors. */
export const QUERY_CODES: Readonly<Record<string, string>> = {
  MissingRequiredParameterException: 'MissingParameter',
  InvalidParameterValueException: 'InvalidParameterValue',
};

export function required<T>(value: T | undefined, parameter: string): T {
  if (value !== undefined && value !== '') return value;
  throw new AwsError('MissingRequiredParameterException', `The parameter ${parameter} is required.`);
}

export function requiredList<T>(value: unknown, parameter: string): readonly T[] {
  if (Array.isArray(required(value, parameter))) return value as T[];
  throw new AwsError('SerializationException', `The parameter ${parameter} is not a list.`);
}

export const invalidValue = (message: string) => new AwsError('InvalidParameterValueException', message);
