/** Runs the checkout in the working directory by its own vitest, with a further setup file where one is given. Arguments: report, setup file, filters. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [report, setup, ...filters] = process.argv.slice(2);
const root = process.cwd();
const { startVitest } = await import(
  pathToFileURL(createRequire(join(root, 'package.json')).resolve('vitest/node')).href
);
const vitest = await startVitest(
  'test',
  filters,
  {
    root,
    config: join(root, 'vitest.config.mts'),
    watch: false,
    reporters: ['json'],
    outputFile: report,
    maxWorkers: 2,
  },
  { test: { setupFiles: setup === '' ? [] : [setup] } },
);
await vitest?.close();
