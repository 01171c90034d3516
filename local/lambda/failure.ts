import type { InvokeResult } from '../ports.ts';

/** Lambda's limits in bytes (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html). */
export const MAX_RESPONSE_BYTES = 6_291_556;
export const MAX_REQUEST_BYTES = 6_291_456;
export const MAX_ASYNC_REQUEST_BYTES = 1_048_576;

function failure(errorType: string, errorMessage: string): InvokeResult {
  return { payload: JSON.stringify({ errorType, errorMessage }), functionError: 'Unhandled' };
}

/** The error documents that Lambda itself writes, where the runtime could not. */
export const Failure = {
  timedOut: (requestId: string, seconds: number) =>
    failure(
      'Sandbox.Timedout',
      `RequestId: ${requestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`,
    ),
  exited: (requestId: string, status: string) =>
    failure('Runtime.ExitError', `RequestId: ${requestId} Error: Runtime exited ${status}`),
  responseTooLarge: (bytes: number) =>
    failure(
      'Function.ResponseSizeTooLarge',
      `Response payload size (${bytes} bytes) exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`,
    ),
} as const;

/** How Lambda words the end of a process. */
export function exitStatus(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal)
    return `with error: signal: ${signal === 'SIGKILL' ? 'killed' : signal === 'SIGABRT' ? 'aborted' : signal}`;
  return code ? `with error: exit status ${code}` : 'without providing a reason';
}
