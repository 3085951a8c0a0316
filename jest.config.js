const transform = {
  '^.+\\.ts$': [
    '@swc/jest',
    {
      jsc: {
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: true },
        target: 'es2022',
      },
      module: { type: 'es6' },
      sourceMaps: 'inline',
    },
  ],
};
const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform,
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.cache/'],
};
const withoutJsSuffix = { '^(\\.{1,2}/.*)\\.js$': '$1' };

/** One project over the sources; two more run the contract tests (`*.contract.test.ts`) over each published format. */
export default {
  testTimeout: 180_000,
  // Many tests wait for child processes: a second worker pays even on two cores.
  maxWorkers: 2,
  projects: [
    {
      ...shared,
      displayName: 'src',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      moduleNameMapper: {
        '^atc-memory$': '<rootDir>/src/index.ts',
        '^atc-memory/inversify$': '<rootDir>/src/services/index.ts',
        '^atc-memory/dataset$': '<rootDir>/src/dataset/index.ts',
        '^atc-memory/remote$': '<rootDir>/src/dataset/remote/index.ts',
        '^atc-memory/history$': '<rootDir>/src/fetching/index.ts',
        '^atc-memory/browser$': '<rootDir>/src/browser/index.ts',
        '^atc-memory/sweep$': '<rootDir>/src/sweep/index.ts',
        '^atc-memory/report$': '<rootDir>/src/report/index.ts',
        '^atc-memory/testing$': '<rootDir>/src/testing/index.ts',
        '^atc-memory/(.*)$': '<rootDir>/plugins/$1/index.ts',
        ...withoutJsSuffix,
      },
    },
    ...['esm', 'cjs'].map((format) => ({
      ...shared,
      displayName: `dist-${format}`,
      testMatch: ['<rootDir>/test/**/*.contract.test.ts'],
      modulePathIgnorePatterns: ['<rootDir>/.cache/'],
      moduleNameMapper: {
        '^atc-memory$': `<rootDir>/dist/${format}/index.js`,
        '^atc-memory/inversify$': `<rootDir>/dist/${format}/inversify.js`,
        '^atc-memory/(.*)$': `<rootDir>/dist/${format}/$1.js`,
      },
    })),
  ],
};
