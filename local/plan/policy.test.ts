import { readPolicy } from './policy.ts';

const statement = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' };
const read = (...Statement: unknown[]) =>
  readPolicy({ Version: '2012-10-17', Statement }, 'Role.PolicyDocument');

it('gives every statement with lists, a single statement and single values too', () => {
  const Condition = {
    StringEquals: { 'events:source': 'ratchet.ingest' },
    Bool: { 'aws:SecureTransport': true },
  };
  expect(readPolicy({ Statement: { ...statement, Sid: 's', Condition } }, 'P')).toEqual({
    Statement: [
      {
        Effect: 'Allow',
        Action: ['sqs:SendMessage'],
        Resource: ['*'],
        Condition: {
          StringEquals: { 'events:source': ['ratchet.ingest'] },
          Bool: { 'aws:SecureTransport': ['true'] },
        },
      },
    ],
  });
});

it.each([
  ['a principal', { ...statement, Principal: '*' }, /Statement\[1\]\.Principal: .*property/],
  ['another effect', { ...statement, Effect: 'Perhaps' }, /Statement\[1\]\.Effect: Perhaps/],
  ['no effect', { ...statement, Effect: undefined }, /Statement\[1\]\.Effect: is missing/],
  ['no action', { Effect: 'Allow', Resource: '*' }, /Statement\[1\]\.Action: or else NotAction/],
  ['both', { ...statement, NotResource: '*' }, /Statement\[1\]\.Resource: or else NotResource/],
  ['an object for text', { ...statement, Action: [{}] }, /Statement\[1\]\.Action\[0\]: text/],
  ['a condition without keys', { ...statement, Condition: { Bool: 'x' } }, /Condition\.Bool: an object/],
])('refuses %s, naming it', (_what, bad, message) => {
  expect(() => read(statement, bad)).toThrow(message);
});

it('refuses another version of the language', () => {
  expect(() => readPolicy({ Version: '2008-10-17', Statement: [] }, 'P')).toThrow(/P\.Version/);
});
