import { readFileSync } from 'node:fs';
import { defineConfig } from 'tsdown';
import { library } from '../../scripts/tsdown.ts';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

export default defineConfig([
  library({ entry: { index: 'src/index.ts', register: 'src/register.ts' } }),
  // The command line runs on a Node of its own and is nobody's import: one format will do.
  {
    entry: ['src/cli.ts'],
    format: 'esm',
    platform: 'node',
    target: 'node22.15',
    dts: false,
    clean: false,
    fixedExtension: true,
    outDir: 'dist',
    logLevel: 'error',
    define: { __VERSION__: JSON.stringify(version) },
  },
]);
