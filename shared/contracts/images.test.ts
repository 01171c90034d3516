import { imageUri, ownImages, parseImageUri } from './images.ts';

const place = { account: '123456789012', region: 'eu-west-1', stage: 'prod' };

describe('the URI of an image', () => {
  it.each(ownImages)('of our %s is in our own registry and reads back', (image) => {
    const uri = imageUri(image, place);
    expect(uri).toBe(`123456789012.dkr.ecr.eu-west-1.amazonaws.com/ratchet-prod-${image}:latest`);
    expect(parseImageUri(uri)).toEqual({
      registry: '123456789012',
      repository: `ratchet-prod-${image}`,
      tag: 'latest',
    });
  });

  it('of another image is what the specification says', () => {
    const uri = '683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1';
    expect(imageUri(uri, place)).toBe(uri);
    expect(parseImageUri(uri)).toEqual({
      registry: '683313688378',
      repository: 'sagemaker-xgboost',
      tag: '1.7-1',
    });
  });

  it.each([
    [
      'without a tag is the latest',
      '123456789012.dkr.ecr.us-east-1.amazonaws.com/a/b',
      { repository: 'a/b', tag: 'latest' },
    ],
    ['of China', '123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/a:1', { repository: 'a', tag: '1' }],
  ])('%s', (_, uri, parts) => {
    expect(parseImageUri(uri)).toMatchObject(parts);
  });

  it.each([
    'digits',
    'docker.io/library/python:3',
    '12345.dkr.ecr.us-east-1.amazonaws.com/a',
    'https://123456789012.dkr.ecr.us-east-1.amazonaws.com/a',
    '',
  ])('"%s" is none', (text) => {
    expect(parseImageUri(text)).toBeUndefined();
  });
});
