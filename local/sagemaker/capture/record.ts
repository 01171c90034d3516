import { randomUUID } from 'node:crypto';
import type { DataCaptureConfig } from '../endpoints/record.ts';

interface Message {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** One answered invocation, as the whole endpoint saw it. `time` is epoch milliseconds. */
export interface Inference {
  readonly endpoint: string;
  readonly variant: string;
  readonly time: number;
  readonly inferenceId: string | undefined;
  readonly input: Message;
  readonly output: Message;
}

/** A line of a capture file, in the layout of SageMaker's data capture (version 0). */
export function captureLine(config: DataCaptureConfig, inference: Inference): string {
  const modes = config.CaptureOptions.map((option) => option.CaptureMode);
  const wants = (mode: 'Input' | 'Output') => modes.includes(mode) || modes.includes('InputAndOutput');
  return JSON.stringify({
    captureData: {
      ...(wants('Input') ? { endpointInput: captured(config, inference.input, 'INPUT') } : {}),
      ...(wants('Output') ? { endpointOutput: captured(config, inference.output, 'OUTPUT') } : {}),
    },
    eventMetadata: {
      eventId: randomUUID(),
      ...(inference.inferenceId === undefined ? {} : { inferenceId: inference.inferenceId }),
      inferenceTime: `${new Date(inference.time).toISOString().slice(0, 19)}Z`,
    },
    eventVersion: '0',
  });
}

function captured(config: DataCaptureConfig, message: Message, mode: 'INPUT' | 'OUTPUT') {
  const type = message.headers['content-type'] ?? 'application/octet-stream';
  const encoding = encodingOf(config, type);
  const data = message.body.toString(encoding === 'BASE64' ? 'base64' : 'utf8');
  return { observedContentType: type, mode, data, encoding };
}

/** A content type that the configuration does not declare is captured as BASE64. */
function encodingOf(
  { CaptureContentTypeHeader: declared }: DataCaptureConfig,
  type: string,
): 'CSV' | 'JSON' | 'BASE64' {
  const media = type.split(';')[0]?.trim().toLowerCase() ?? '';
  const among = (types: readonly string[] = []) => types.some((each) => each.toLowerCase() === media);
  if (among(declared?.CsvContentTypes)) return 'CSV';
  return among(declared?.JsonContentTypes) ? 'JSON' : 'BASE64';
}
