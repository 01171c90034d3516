import type { InvokeResult } from '../ports.ts';
import { MAX_RESPONSE_BYTES } from './payload.ts';

/** How an invocation failed: the answer, and what Lambda writes to the log, `status` in the REPORT line and `message`
 * before its END. */
export interface Failure {
  readonly result: InvokeResult;
  readonly status?: string;
  readonly message?: string;
}

function failed(errorType: string, errorMessage: string): InvokeResult {
  return { payload: JSON.stringify({ errorType, errorMessage }), functionError: 'Unhandled' };
}

export function timedOut(requestId: string, seconds: number): Failure {
  const what = `Task timed out after ${seconds.toFixed(2)} seconds`;
  return {
    result: failed('Sandbox.Timedout', `RequestId: ${requestId} Error: ${what}`),
    status: 'Status: timeout',
    message: `${new Date().toISOString()} ${requestId} ${what}\n\n`,
  };
}

/** The process has ended; `how` as `exitStatus` words it. */
export function exited(requestId: string, how: string): Failure {
  const errorMessage = `RequestId: ${requestId} Error: Runtime exited ${how}`;
  return {
    result: failed('Runtime.ExitError', errorMessage),
    status: 'Status: error\tError Type: Runtime.ExitError',
    message: `${errorMessage}\nRuntime.ExitError\n`,
  };
}

/** The function could not be initialised; `result` is what the runtime client has told of it. */
export function notInitialised(result: InvokeResult): Failure {
  const { errorType = 'Runtime.Unknown' } = JSON.parse(result.payload) as { errorType?: string };
  return { result, status: `Status: error\tError Type: ${errorType}` };
}

export function responseTooLarge(bytes: number): InvokeResult {
  return failed(
    'Function.ResponseSizeTooLarge',
    `Response payload size (${bytes} bytes) exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`,
  );
}

/** How Lambda words the end of a process. */
export function exitStatus(code: number | null, signal: NodeJS.Signals | null): string {
  const words: Partial<Record<NodeJS.Signals, string>> = { SIGKILL: 'killed', SIGABRT: 'aborted' };
  if (signal) return `with error: signal: ${words[signal] ?? signal}`;
  return code ? `with error: exit status ${code}` : 'without providing a reason';
}
