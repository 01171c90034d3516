import { join } from 'node:path';
import { describeWith } from '../support/outside-client.ts';
import { AWS_CLI, type AwsCli, createAwsCli } from './support/aws-cli.ts';
import { type BareCloud, startBareCloud } from './support/bare-cloud.ts';
import { describeBoto3 } from './support/python.ts';

let cloud: BareCloud;
beforeAll(async () => {
  cloud = await startBareCloud();
});
afterAll(() => cloud?.close());

describeBoto3('CloudWatch', join(import.meta.dirname, 'cloudwatch.boto3.py'), () => ({
  ENDPOINT: cloud.endpoint,
}));

describeWith(AWS_CLI, 'CloudWatch', () => {
  let aws: AwsCli;
  beforeAll(() => {
    aws = createAwsCli(cloud.endpoint);
  });
  afterAll(() => aws?.close());

  it('takes a measurement and gives it back', async () => {
    const data = ['--namespace', 'Own', '--metric-name', 'Depth', '--dimensions', 'Queue=q'];
    await aws.run('cloudwatch', 'put-metric-data', ...data, '--value', '7.5', '--unit', 'Count');
    const Dimensions = [{ Name: 'Queue', Value: 'q' }];
    const Metric = { Namespace: 'Own', MetricName: 'Depth', Dimensions };
    const query = [{ Id: 'a', MetricStat: { Metric, Period: 60, Stat: 'Average' } }];
    const minute = 60_000;
    const range = [Date.now() - 5 * minute, Date.now() + minute].map((time) => new Date(time).toISOString());
    const found = await aws.json(
      ...['cloudwatch', 'get-metric-data', '--metric-data-queries', JSON.stringify(query)],
      ...['--start-time', range[0] ?? '', '--end-time', range[1] ?? ''],
    );
    expect(found).toMatchObject({
      MetricDataResults: [{ Id: 'a', Label: 'Depth', Values: [7.5], StatusCode: 'Complete' }],
      Messages: [],
    });
  });

  it('tells what it does not offer', async () => {
    await expect(aws.run('cloudwatch', 'list-metrics')).rejects.toMatchObject({
      stderr: expect.stringContaining('(InvalidAction)'),
    });
  });
});
