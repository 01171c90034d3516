import type { RequestColumns } from '../../shared/serving/request-columns.ts';
import { type CaptureLine, parseCaptureLine } from './capture-records.ts';
import { type ObjectAddress, ObjectMissing, type Objects } from './ports.ts';

/** Hands every record of a capture object on, with its line number. Answers false when the object is not there. */
export async function readCaptures(
  objects: Pick<Objects, 'lines'>,
  address: ObjectAddress,
  columns: RequestColumns,
  take: (record: CaptureLine, line: number) => void,
): Promise<boolean> {
  let number = 0;
  try {
    for await (const line of objects.lines(address)) {
      number += 1;
      if (line.trim() !== '') take(parseCaptureLine(line, columns), number);
    }
    return true;
  } catch (error) {
    if (error instanceof ObjectMissing) return false;
    throw error;
  }
}
