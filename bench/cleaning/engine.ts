/** Cleans the orders at the first argument into the folder at the second, as the ingest function would. */
import { createReadStream, statSync } from 'node:fs';
import { prepareDataset } from '../../services/ingest/prepare/prepare-dataset.ts';
import { resourcesOf } from '../../services/ingest/prepare/session.ts';
import { tellSpent } from '../support/spent.ts';
import { FUNCTION_MIB, orders } from './orders.ts';

const [path = '', directory = ''] = process.argv.slice(2);
const prepared = await prepareDataset({
  data: orders,
  directory,
  resources: resourcesOf(FUNCTION_MIB),
  parts: [
    {
      part: { bucket: 'drop', key: 'orders.csv', versionId: 'v1', size: statSync(path).size },
      fresh: true,
      open: async () => createReadStream(path, { highWaterMark: 1024 * 1024 }),
    },
  ],
});
if (prepared.kind === 'rejected') throw new Error(prepared.reason);
tellSpent();
