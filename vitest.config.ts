import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (name: string): string => fileURLToPath(new URL(`packages/${name}/src/index.ts`, import.meta.url));

// Unit tests run on the sources; tests that start a process run on the build, as users do.
export default defineConfig({
  resolve: {
    alias: [
      {
        find: /^@tokenmeter\/(semconv|pricing|ledger|budgets|instrumentation|monitoring|fake-provider)$/,
        replacement: `${fileURLToPath(new URL('packages/', import.meta.url))}$1/src/index.ts`,
      },
      { find: /^tokenmeter$/, replacement: source('tokenmeter') },
    ],
  },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    // Vitest leaves a core idle, half of a machine with two: most tests wait for processes that they start.
    maxWorkers: '100%',
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
