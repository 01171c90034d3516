import { answerMediaType, requestMediaType } from '../contract/media-type.ts';
import type { Infer, InferenceAnswer } from '../contract/model-server.ts';
import { RequestError } from '../contract/request-error.ts';
import { parseCsv } from '../numeric/csv.ts';
import { type NumericTable, TableError } from '../numeric/table.ts';
import { type Ensemble, predictTable } from './ensemble.ts';
import { parseLibsvm, toTable } from './libsvm.ts';

const ACCEPTED = ['text/csv', 'text/libsvm', 'text/x-libsvm'] as const;
const OFFERED = ['text/csv', 'application/json'] as const;

/** Answers rows of features without label: one prediction a line (the probabilities of multi:softprob parted by
 * commas), or `{"predictions": [{"score"}]}`. Codes of SageMaker's container: 415 for a payload that cannot be
 * read, 400 for a wrong number of features. In batch each line ends with a newline. */
export function createInference(model: Ensemble, batch: boolean): Infer {
  return (request) => {
    const contentType = requestMediaType(request.contentType, ACCEPTED);
    const accept = answerMediaType(request.accept, OFFERED);
    const table = decode(contentType, request.body, model.features);
    return encode(accept, predictTable(model, table), batch);
  };
}

function decode(contentType: (typeof ACCEPTED)[number], body: Buffer, features: number): NumericTable {
  try {
    switch (contentType) {
      case 'text/csv':
        return parseCsv(body, { missing: 'nan', columns: features });
      case 'text/libsvm':
      case 'text/x-libsvm':
        return toTable(parseLibsvm(body.toString('utf8'), 'optional'), features);
    }
  } catch (error) {
    if (error instanceof TableError) throw new RequestError(statusOf(error), error.message);
    throw error;
  }
}

function statusOf(error: TableError): number {
  switch (error.code) {
    case 'WrongWidth':
      return 400;
    case 'NotANumber':
    case 'MissingValue':
      return 415;
  }
}

function encode(
  accept: (typeof OFFERED)[number],
  predictions: readonly (number | number[])[],
  batch: boolean,
): InferenceAnswer {
  switch (accept) {
    case 'application/json': {
      const scores = predictions.map((score) => ({ score }));
      return { contentType: accept, body: JSON.stringify({ predictions: scores }) };
    }
    case 'text/csv': {
      const body = predictions.map(String).join('\n');
      return { contentType: 'text/csv; charset=utf-8', body: batch ? `${body}\n` : body };
    }
  }
}
