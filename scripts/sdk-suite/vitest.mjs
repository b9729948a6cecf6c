/** Runs the checkout in the working directory by its own vitest, patched or as it is. Arguments: report, kind, filters. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { patched } from './patched.cjs';

const [report, kind, ...filters] = process.argv.slice(2);
const root = process.cwd();
const { startVitest } = await import(
  pathToFileURL(createRequire(join(root, 'package.json')).resolve('vitest/node')).href
);
const patching = { name: 'tokenmeter', enforce: 'pre', transform: patched };
const vitest = await startVitest(
  'test',
  filters,
  {
    root,
    config: join(root, 'vitest.config.mts'),
    watch: false,
    passWithNoTests: true,
    reporters: ['json'],
    outputFile: report,
    maxWorkers: 2,
  },
  { plugins: kind === 'patched' ? [patching] : [] },
);
await vitest?.close();
