import type { InvokeResult } from '../ports.ts';

/** Why an asynchronous event was given up. */
export type Condition = 'RetriesExhausted' | 'EventAgeExceeded';

export interface GivenUp {
  readonly requestId: string;
  readonly functionArn: string;
  readonly condition: Condition;
  readonly invokeCount: number;
  readonly payload: string;
  /** The last answer; absent when the function never ran. */
  readonly result?: InvokeResult | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** The record that Lambda sends to an OnFailure destination, as JSON text
 * (https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html). */
export function destinationRecord(event: GivenUp): string {
  const { result } = event;
  return JSON.stringify({
    version: '1.0',
    timestamp: new Date(event.now).toISOString(),
    requestContext: {
      requestId: event.requestId,
      functionArn: `${event.functionArn}:$LATEST`,
      condition: event.condition,
      approximateInvokeCount: event.invokeCount,
    },
    requestPayload: JSON.parse(event.payload),
    ...(result && {
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: result.functionError },
      responsePayload: JSON.parse(result.payload),
    }),
  });
}
