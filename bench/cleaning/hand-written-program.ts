import { resourcesOf } from '../../services/ingest/prepare/session.ts';
import { tellSpent } from '../support/spent.ts';
import { cleanByHand } from './hand-written.ts';
import { FUNCTION_MIB } from './orders.ts';

const [path = '', directory = ''] = process.argv.slice(2);
const { threads } = resourcesOf(FUNCTION_MIB);
await cleanByHand(path, directory, '1353MiB', threads);
tellSpent();
