/** Patches the SDK of the checkout, and counts the calls that are seen in a test file. */
const { appendFileSync } = require('node:fs');
const { configureRuntime, createMetrics, instrument } = require('@tokenmeter/instrumentation');

module.exports = (sdk) => {
  let calls = 0;
  const metrics = createMetrics();
  configureRuntime({
    sinks: [
      metrics.sink,
      () => {
        calls += 1;
      },
    ],
  });
  instrument(sdk);
  globalThis.afterAll?.(() => appendFileSync(process.env.SDK_SUITE_CALLS, `${calls}\n`));
};
