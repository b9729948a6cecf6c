/**
 * `node --require tokenmeter/register app.js` and `node --import tokenmeter/register app.mjs`. While preloading it hooks
 * the loading of LLM SDKs and registers nothing global with OpenTelemetry. Loaded twice, it works once.
 */
import { isInternalThread } from 'node:worker_threads';
import { compose } from './compose.ts';
import { readSwitches } from './environment.ts';
import { registered } from './registered.ts';

// The loader's own thread runs preloads again; no app runs there.
if (!isInternalThread && registered.composition === undefined) {
  const switches = readSwitches(process.env);
  if (!switches.disabled) {
    try {
      registered.composition = compose(process.env, switches);
    } catch (error) {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      process.stderr.write(`tokenmeter: nothing is recorded, because register failed: ${reason}\n`);
    }
  }
}
