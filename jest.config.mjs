/** `npm test`: everything that needs nothing but Node and npm, in five minutes on two cores. */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' } },
    ],
  },
  testMatch: ['<rootDir>/{services,shared,local,cli,containers,examples,test}/**/*.test.ts'],
  // Suites that kill, take long or want other programs have commands of their own.
  testPathIgnorePatterns: [
    '/node_modules/',
    '<rootDir>/test/(kill|conformance|frameworks|browser|explore|init|spark)/',
  ],
  modulePathIgnorePatterns: ['<rootDir>/.ratchet', '<rootDir>/.serverless', '<rootDir>/.esbuild'],
  maxWorkers: 2,
  workerIdleMemoryLimit: '700MB',
  testTimeout: 30_000,
};
