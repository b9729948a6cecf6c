/** Who is measured. `start(require, telemetry, subject)` sets up in a fresh process, before the SDK is loaded. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFloor } from './floor.mjs';
import { PEERS } from './peers.mjs';
import { requireOurs } from './projects.mjs';

/**
 * `emits`: what a row must show to count. What `start` gives: `around`, which puts something around the app's call,
 * `native`, by which the SDK keeps telemetry of its own, and `stop`.
 */
export const CONTENDERS = {
  none: { emits: [], start: () => ({}) },
  nothing: { emits: [], start: () => ({}) },
  floor: { emits: ['spans', 'points'], start: (require, _, subject) => ({ around: createFloor(require, subject) }) },
  tokenmeter: { emits: ['spans', 'points'], start: () => startOurs({ ledger: false }) },
  'tokenmeter + ledger': { emits: ['spans', 'points'], start: () => startOurs({ ledger: true }) },
  ...PEERS,
};

/** As the app is that has `tokenmeter/register` and tags its calls. The SDK's own tracing is for us to switch off. */
function startOurs({ ledger }) {
  const { configureAttribution, configureRuntime, createMetrics, installHooks, withFeature } =
    requireOurs('@tokenmeter/instrumentation');
  const { createPricer } = requireOurs('@tokenmeter/pricing');
  const metrics = createMetrics();
  const store = ledger ? openLedger() : undefined;
  configureAttribution({ env: {} });
  configureRuntime({
    sinks: store ? [metrics.sink, store.sink] : [metrics.sink],
    pricer: createPricer(),
    generations: ['stable'],
    metered: () => true,
  });
  installHooks();
  return {
    native: true,
    around: (call) => () => withFeature('bench', call),
    stop: () => store?.close(),
  };
}

function openLedger() {
  const { createLedgerWriter } = requireOurs('@tokenmeter/ledger');
  const dir = mkdtempSync(join(tmpdir(), 'tokenmeter-bench-'));
  const writer = createLedgerWriter({ dir, resource: { 'service.name': 'bench' }, instance: 'bench' });
  return {
    sink: (record) => writer.write(record),
    close() {
      writer.close();
      rmSync(dir, { recursive: true });
    },
  };
}
