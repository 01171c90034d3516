import { AwsError } from '../aws-error.ts';

/** How the Query protocol spells the codes of errors, where it spells them otherwise. */
export const QUERY_CODES: Readonly<Record<string, string>> = {
  BatchEntryIdsNotDistinct: 'AWS.SimpleQueueService.BatchEntryIdsNotDistinct',
  BatchRequestTooLong: 'AWS.SimpleQueueService.BatchRequestTooLong',
  EmptyBatchRequest: 'AWS.SimpleQueueService.EmptyBatchRequest',
  InvalidBatchEntryId: 'AWS.SimpleQueueService.InvalidBatchEntryId',
  InvalidParameterValueException: 'InvalidParameterValue',
  MessageNotInflight: 'AWS.SimpleQueueService.MessageNotInflight',
  MissingRequiredParameterException: 'MissingParameter',
  QueueDoesNotExist: 'AWS.SimpleQueueService.NonExistentQueue',
  QueueNameExists: 'QueueAlreadyExists',
  SerializationException: 'MalformedInput',
  TooManyEntriesInBatchRequest: 'AWS.SimpleQueueService.TooManyEntriesInBatchRequest',
};

export const queryCode = (code: string) => QUERY_CODES[code] ?? code;

export const invalid = (message: string) => new AwsError('InvalidParameterValueException', message);

export const invalidValue = (value: unknown, parameter: string, reason: string) =>
  invalid(`Value ${String(value)} for parameter ${parameter} is invalid. Reason: ${reason}`);

export const missing = (parameter: string) =>
  new AwsError('MissingRequiredParameterException', `The request must contain the parameter ${parameter}.`);

export const noSuchQueue = () => new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
