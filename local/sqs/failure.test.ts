import * as sdk from '@aws-sdk/client-sqs';
import { QUERY_CODES } from './failure.ts';

/** `[-3, namespace, code, traits]` of each error that the SDK's client knows. */
const shapes = Object.values(sdk as Record<string, unknown>).filter(
  (shape): shape is [number, string, string, { awsQueryError?: [string, number] }] =>
    Array.isArray(shape) && shape[0] === -3,
);

it.each(shapes.filter(([, , code]) => code in QUERY_CODES).map(([, , code, traits]) => [code, traits]))(
  'spells %s in the Query protocol as the SDK knows it',
  (code, { awsQueryError: [expected] = [''] }) => {
    expect(QUERY_CODES[code]).toBe(expected);
  },
);

it('leaves to no client a code that it would not know', () => {
  const known = shapes.map(([, , code]) => code);
  const unmodelled = Object.keys(QUERY_CODES).filter((code) => !known.includes(code));
  // AWS answers with these, as recorded, though its model does not list them.
  expect(unmodelled).toEqual([
    'InvalidParameterValueException',
    'MissingRequiredParameterException',
    'SerializationException',
  ]);
});
