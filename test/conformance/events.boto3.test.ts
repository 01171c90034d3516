import { join } from 'node:path';
import { type BareCloud, startBareCloud } from './support/bare-cloud.ts';
import { describeBoto3 } from './support/python.ts';

let cloud: BareCloud;
beforeAll(async () => {
  cloud = await startBareCloud({
    Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'ratchet-dev' } },
  });
});
afterAll(() => cloud?.close());

describeBoto3('EventBridge', join(import.meta.dirname, 'events.boto3.py'), () => ({
  ENDPOINT: cloud.endpoint,
}));
