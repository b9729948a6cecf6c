import { defineConfig } from 'tsdown';
import { library } from '../../scripts/tsdown.ts';

export default defineConfig([
  library({ entry: ['src/index.ts'] }),
  // Loaded by its URL, by Node's own thread of loaders.
  {
    entry: ['src/patching/loader.ts'],
    format: 'esm',
    platform: 'node',
    target: 'node22.15',
    dts: false,
    clean: false,
    fixedExtension: true,
    outDir: 'dist',
    logLevel: 'error',
  },
]);
