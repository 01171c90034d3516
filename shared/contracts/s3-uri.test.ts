import fc from 'fast-check';
import { parseS3Uri, s3Uri } from './s3-uri.ts';

describe('an s3:// address', () => {
  it('reads back as it was written, whatever the key', () => {
    const bucket = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{1,30}$/);
    fc.assert(
      fc.property(bucket, fc.string({ unit: 'binary' }), (name, key) => {
        expect(parseS3Uri(s3Uri(name, key))).toEqual({ bucket: name, key });
      }),
    );
  });

  it.each(['', 's3://', 's3://bucket', 's3:///key', 'https://bucket/key', 'S3://bucket/key'])(
    '"%s" is none',
    (text) => {
      expect(() => parseS3Uri(text)).toThrow(RangeError);
    },
  );
});
