/**
 * What the parts of the embedded cloud need of each other. Each part is built by a factory
 * `create<Part>(options)`, is wired by `main.ts`, and knows the others only through these types.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** The account and region that the embedded cloud answers as. */
export interface Identity {
  readonly account: string;
  readonly region: string;
}

/** Time as data: epoch milliseconds. `scale` divides every waiting time that the cloud itself imposes (async
 * retries, schedules, job start-up); 1 is AWS's own pace. */
export interface Clock {
  now(): number;
  readonly scale: number;
}

/** An event that an AWS service puts on the default bus. `detail` is the object, not its JSON. */
export interface ServiceEvent {
  readonly source: string;
  readonly detailType: string;
  readonly detail: Record<string, unknown>;
  readonly resources?: readonly string[];
  /** Epoch milliseconds; now when absent. */
  readonly time?: number;
}

/** The default bus, for parts that emit service events. Resolves once the event is durably accepted. */
export type PublishServiceEvent = (event: ServiceEvent) => Promise<void>;

/** Hands a payload to a function asynchronously (InvocationType=Event): resolves once durably accepted. */
export type InvokeAsync = (functionName: string, payload: string) => Promise<void>;

export interface InvokeResult {
  /** JSON text that the handler returned, or the error document. */
  readonly payload: string;
  /** `Unhandled` when the handler threw, timed out or its process ended. */
  readonly functionError?: string;
  /** The last 4 KB of what the invocation logged, in base64. */
  readonly logTail?: string;
}

/** Invokes a function and waits for its answer (InvocationType=RequestResponse). */
export type Invoke = (functionName: string, payload: string) => Promise<InvokeResult>;

/** Puts a message on a queue, named by its ARN: resolves once durable. `attributes` are message attributes of type
 * String. */
export type SendToQueue = (
  queueArn: string,
  body: string,
  attributes?: Readonly<Record<string, string>>,
) => Promise<void>;

/** Writes a line (or several, as one event) to a log group's stream at a time (epoch milliseconds); both are made when
 * they are not there. On disk by the next turn of the event loop. */
export type AppendLog = (group: string, stream: string, message: string, time: number) => void;

/** An HTTP request that the front door has routed to one service by its signature's scope or its target. The
 * body is not yet read: a service streams or buffers it as it needs. */
export interface AwsRequest {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly url: URL;
  /** The access key id of the signature, empty when unsigned. */
  readonly accessKeyId: string;
  readonly requestId: string;
  /** The body, when it had to be read before the service was reached. */
  readonly body?: Buffer;
  /** What else the caller may; absent when the caller is the account itself, which may everything. */
  readonly allows?: (need: { readonly action: string; readonly resource: string }) => boolean;
}

/** One AWS service: answers requests, and is closed once. `close` resolves when nothing of it runs any more
 * (timers, child processes, sockets, databases). */
export interface CloudService {
  handle(request: AwsRequest): Promise<void>;
  close(): Promise<void>;
}

/** An action of a JSON-protocol service: takes the decoded body, gives the response body, throws AwsError. */
export type JsonAction = (input: Record<string, unknown>) => Promise<unknown> | unknown;
