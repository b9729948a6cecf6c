/** Prints what the last test run counted, as one line; a skipped test fails it: nothing may be passed over in silence. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const file = fileURLToPath(new URL('../.cache/tests.json', import.meta.url));
if (!existsSync(file)) {
  console.log('0 passed, 1 failed, 0 skipped');
  process.exit(1);
}
const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(readFileSync(file, 'utf8'));
const skipped = numPendingTests + numTodoTests;
console.log(`${numPassedTests} passed, ${numFailedTests} failed, ${skipped} skipped`);
process.exit(numFailedTests > 0 || skipped > 0 || numPassedTests === 0 ? 1 : 0);
