import { AwsError } from '../aws-error.ts';
import type { Message } from './message.ts';
import type { Queue } from './queue.ts';

/** One receipt of one message. */
export type Receipt = Pick<Message, 'queue' | 'seq' | 'receiveCount'>;

export function receiptHandle({ queue, seq, receiveCount }: Receipt): string {
  return Buffer.from(`${queue} ${seq} ${receiveCount}`).toString('base64');
}

/** Throws ReceiptHandleIsInvalid unless the handle is one of this queue. */
export function parseReceipt({ name }: Queue, handle = ''): Receipt {
  const [, queue, seq, receiveCount] =
    /^(\S+) (\d+) (\d+)$/.exec(Buffer.from(handle, 'base64').toString()) ?? [];
  if (queue === name) return { queue, seq: Number(seq), receiveCount: Number(receiveCount) };
  const message = `The input receipt handle "${handle}" is not a valid receipt handle.`;
  throw new AwsError('ReceiptHandleIsInvalid', message, 404);
}
