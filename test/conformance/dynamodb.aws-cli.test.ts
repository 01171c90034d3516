/** DynamoDB by Debian's AWS CLI. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeWith } from '../support/outside-client.ts';
import { startTable, TABLE } from './dynamodb.table.ts';
import { AWS_CLI, type AwsCli, createAwsCli } from './support/aws-cli.ts';
import type { BareCloud } from './support/bare-cloud.ts';

describeWith(AWS_CLI, 'DynamoDB', () => {
  let cloud: BareCloud;
  let cli: AwsCli;

  beforeAll(async () => {
    cloud = await startTable();
    cli = createAwsCli(cloud.endpoint);
  });

  afterAll(async () => {
    cli?.close();
    await cloud?.close();
  });

  const onTable = (command: string, ...args: string[]) =>
    cli.run('dynamodb', command, '--table-name', TABLE, ...args);
  const json = (value: object): string => JSON.stringify(value);
  const key = { pk: { S: 'pipeline#digits' }, sk: { S: 'state' } };
  const item = { ...key, state: { S: '{"ü":1}' }, version: { N: '12345678901234567890123456789012345678' } };

  it('lists and describes the table', async () => {
    expect(await cli.json('dynamodb', 'list-tables')).toEqual({ TableNames: [TABLE] });
    const { Table } = JSON.parse(await onTable('describe-table'));
    expect(
      Table.GlobalSecondaryIndexes.map(({ IndexName }: { IndexName: string }) => IndexName).sort(),
    ).toEqual(['due', 'list']);
  });

  it('puts, gets, updates on condition, queries and scans items', async () => {
    const file = join(cli.dir, 'item.json');
    writeFileSync(file, json(item));
    const create = ['--item', `file://${file}`, '--condition-expression', 'attribute_not_exists(pk)'];
    await onTable('put-item', ...create);
    await expect(onTable('put-item', ...create)).rejects.toMatchObject({
      stderr: expect.stringContaining('(ConditionalCheckFailedException)'),
    });
    const found = JSON.parse(await onTable('get-item', '--key', json(key), '--consistent-read'));
    expect(found).toEqual({ Item: item });
    await onTable(
      'update-item',
      '--key',
      json(key),
      '--update-expression',
      'SET #l = :list, listOrder = :order',
      '--expression-attribute-names',
      json({ '#l': 'listKey' }),
      '--expression-attribute-values',
      json({ ':list': { S: 'pipelines' }, ':order': { S: 'digits' } }),
    );
    const listed = await onTable(
      'query',
      '--index-name',
      'list',
      '--key-condition-expression',
      'listKey = :list',
      '--expression-attribute-values',
      json({ ':list': { S: 'pipelines' } }),
    );
    const whole = { ...item, listKey: { S: 'pipelines' }, listOrder: { S: 'digits' } };
    expect(JSON.parse(listed).Items).toEqual([whole]);
    expect(JSON.parse(await onTable('scan')).Items).toEqual([whole]);
  });

  it.each([['delete-table'], ['describe-time-to-live']])('is offered no %s', async (command) => {
    await expect(onTable(command)).rejects.toMatchObject({
      stderr: expect.stringContaining('(UnknownOperationException)'),
    });
  });
});
