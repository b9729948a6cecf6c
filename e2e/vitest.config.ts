import { defineConfig, mergeConfig } from 'vitest/config';
import base from '../vitest.config.ts';

/** Real programs share the machine's two cores: one file after the other, each with time enough for a slow machine. */
export default mergeConfig(
  { ...base, test: undefined },
  defineConfig({
    test: {
      root: import.meta.dirname,
      include: ['**/*.test.ts'],
      fileParallelism: false,
      testTimeout: 180_000,
      hookTimeout: 180_000,
    },
  }),
);
