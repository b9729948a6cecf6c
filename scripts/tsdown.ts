import type { UserConfig } from 'tsdown';

/** Both module formats with their declarations: why both, see docs/decisions/0001-two-module-formats.md. */
export function library(options: { entry: string[] | Record<string, string> }): UserConfig {
  return {
    entry: options.entry,
    format: ['esm', 'cjs'],
    platform: 'node',
    target: 'node22.15',
    dts: true,
    clean: true,
    sourcemap: false,
    fixedExtension: true,
    outDir: 'dist',
    logLevel: 'error',
  };
}
