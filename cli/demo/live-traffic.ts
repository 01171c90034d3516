/** People who write digits: requests go to the endpoint at a steady rate, each with an id of its own. */
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import type { LiveDigit } from '../../examples/digits/data.ts';
import { type Connection, credentials, region } from '../connection.ts';

export interface SentDigit {
  readonly inferenceId: string;
  readonly label: number;
  readonly period: string;
  readonly sentAt: number;
}

export interface LiveTraffic {
  /** From now on these digits are written; `period` names the time for the closing table. */
  write(digits: readonly LiveDigit[], period: string): void;
  /** All requests so far that were answered. */
  readonly sent: readonly SentDigit[];
  readonly failures: () => number;
  stop(): Promise<void>;
}

const TICK_MS = 50;
const MOST_IN_FLIGHT = 64;

export function startLiveTraffic(
  connection: Connection,
  endpoint: string,
  requestsPerSecond: number,
): LiveTraffic {
  const client = new SageMakerRuntimeClient({
    endpoint: connection.awsEndpoint,
    region,
    credentials,
    maxAttempts: 1,
  });
  const sent: SentDigit[] = [];
  const inFlight = new Set<Promise<void>>();
  let source: { digits: readonly LiveDigit[]; period: string } | undefined;
  let count = 0;
  let failures = 0;
  let owed = 0;

  async function send(digit: LiveDigit, period: string): Promise<void> {
    count += 1;
    const inferenceId = `live-${count}`;
    const sentAt = Date.now();
    try {
      await client.send(
        new InvokeEndpointCommand({
          EndpointName: endpoint,
          ContentType: 'text/csv',
          Accept: 'text/csv',
          InferenceId: inferenceId,
          Body: digit.csv,
        }),
      );
      sent.push({ inferenceId, label: digit.label, period, sentAt });
    } catch {
      failures += 1;
    }
  }

  const timer = setInterval(() => {
    if (!source) return;
    owed += (requestsPerSecond * TICK_MS) / 1000;
    while (owed >= 1) {
      owed -= 1;
      // A slow endpoint slows its users: what cannot be in flight is not sent.
      if (inFlight.size >= MOST_IN_FLIGHT) continue;
      const digit = source.digits[count % source.digits.length] as LiveDigit;
      const request: Promise<void> = send(digit, source.period).finally(() => inFlight.delete(request));
      inFlight.add(request);
    }
  }, TICK_MS);

  return {
    write: (digits, period) => {
      source = { digits, period };
    },
    sent,
    failures: () => failures,
    stop: async () => {
      clearInterval(timer);
      await Promise.all(inFlight);
      client.destroy();
    },
  };
}
