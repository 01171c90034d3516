import { answerMediaType, requestMediaType } from '../contract/media-type.ts';
import type { Infer, InferenceAnswer, InferenceRequest } from '../contract/model-server.ts';
import { RequestError } from '../contract/request-error.ts';
import { parseCsv } from '../numeric/csv.ts';
import { type NumericTable, TableError } from '../numeric/table.ts';
import { parseInstances } from './instances.ts';
import type { DigitsModel } from './model-files.ts';
import { type Prediction, predict } from './network.ts';
import { toSparseRows } from './sparse-rows.ts';

const ACCEPTED = ['text/csv', 'application/json'] as const;

/** Answers rows of features without label (`text/csv`, or JSON instances): one predicted label a line, or
 * `{"predictions": [{"label", "score"}]}`. In batch each line ends with a newline, so that parts can be joined. */
export function createInference(model: DigitsModel, batch: boolean): Infer {
  return (request) => {
    const contentType = requestMediaType(request.contentType, ACCEPTED);
    const accept = answerMediaType(request.accept, ACCEPTED);
    const table = decode(contentType, request, model.network.shape.inputs);
    const predictions = predict(model.network, toSparseRows(table, 0, model.description.scale));
    return encode(accept, predictions, batch);
  };
}

function decode(
  contentType: (typeof ACCEPTED)[number],
  request: InferenceRequest,
  columns: number,
): NumericTable {
  switch (contentType) {
    case 'application/json':
      return parseInstances(request.body, columns);
    case 'text/csv':
      try {
        return parseCsv(request.body, { missing: 'refuse', columns });
      } catch (error) {
        if (error instanceof TableError) throw new RequestError(400, error.message);
        throw error;
      }
  }
}

function encode(
  accept: (typeof ACCEPTED)[number],
  predictions: readonly Prediction[],
  batch: boolean,
): InferenceAnswer {
  switch (accept) {
    case 'application/json':
      return { contentType: accept, body: JSON.stringify({ predictions }) };
    case 'text/csv': {
      const body = predictions.map((prediction) => prediction.label).join('\n');
      return { contentType: 'text/csv; charset=utf-8', body: batch ? `${body}\n` : body };
    }
  }
}
