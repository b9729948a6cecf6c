/**
 * Prints what the last runs counted, as one line; a skipped test fails it: nothing may be passed over in silence.
 * Usage: node scripts/count.mjs [tests] [e2e], by default the tests alone.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const runs = process.argv.length > 2 ? process.argv.slice(2) : ['tests'];
const sum = { passed: 0, failed: 0, skipped: 0 };
for (const run of runs) {
  const file = fileURLToPath(new URL(`../.cache/${run}.json`, import.meta.url));
  const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  // A run that left no report, or none of whose tests ran, has failed.
  sum.passed += report?.numPassedTests ?? 0;
  sum.failed += report === undefined || report.numPassedTests === 0 ? 1 : report.numFailedTests;
  sum.skipped += report === undefined ? 0 : report.numPendingTests + report.numTodoTests;
}
console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
process.exit(sum.failed > 0 || sum.skipped > 0 ? 1 : 0);
