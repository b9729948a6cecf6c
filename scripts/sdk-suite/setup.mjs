/** Runs before each test file of a suite under vitest, whose aliases lead from the package's name to its sources. */
import { createRequire } from 'node:module';

const sdk = await import(process.env.SDK_SUITE_NAME);
createRequire(import.meta.url)('./patch.cjs')(sdk);
