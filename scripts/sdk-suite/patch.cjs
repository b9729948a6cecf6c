/** Patches what a module of the SDK exports, and leaves a mark in a file for each call that is seen. */
const { appendFileSync } = require('node:fs');
const { configureRuntime, createMetrics, instrument } = require('@tokenmeter/instrumentation');

const calls = process.env.SDK_SUITE_CALLS;
configureRuntime({ sinks: [createMetrics().sink, () => appendFileSync(calls, '.')] });

module.exports = instrument;
