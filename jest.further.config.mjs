/** The further suites (`npm run test:kill`, `test:conformance`, …): one at a time, each with the time it needs. */
import base from './jest.config.mjs';

export default { ...base, testPathIgnorePatterns: ['/node_modules/'], testTimeout: 300_000 };
