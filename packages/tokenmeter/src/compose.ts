/**
 * The composition root of a process: the instrumentation's calls go to metrics, ledger and tally; the destinations are
 * decided at the first of them; the end of the process writes everything out. No other file knows all rooms.
 *
 * Life cycle: `compose` while preloading (nothing global, no socket, no file) → `begin` at the first call or incoming
 * request → calls → `finish` on exit.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { resolve } from 'node:path';
import {
  configureAttribution,
  configureRuntime,
  createMetrics,
  endOpenCalls,
  installHooks,
  onUntestedPackage,
} from '@tokenmeter/instrumentation';
import { type CallRecord, createLedgerWriter, LEDGER_DIR, type LedgerWriter } from '@tokenmeter/ledger';
import { createPricer } from '@tokenmeter/pricing';
import { generationsOf, TOKENMETER_ATTR } from '@tokenmeter/semconv';
import { describeApp } from './app.ts';
import { createDestinations } from './destinations.ts';
import type { Environment, Switches } from './environment.ts';
import { handleExit } from './exit.ts';
import { joinRun } from './lineage.ts';
import { flushProviders, hasTracerProvider } from './otel/providers.ts';
import { prepareWeb } from './otel/web.ts';
import { createReporter } from './reporter.ts';
import { createTally } from './tally.ts';
import { createWarnings } from './warnings.ts';

/** Attribute sets per instrument where the SDK is ours. */
const CARDINALITY_LIMIT = 20_000;

/** Published by Node's HTTP server before the app sees a request. */
const REQUEST_START = 'http.server.request.start';

/** What the rest of the process may ask. */
export interface Composition {
  /** Contract: `flush` in the public API. */
  flush(): Promise<void>;
}

export function compose(env: Environment, switches: Switches): Composition {
  const lineage = joinRun();
  const app = describeApp(env);
  const folder = resolve(LEDGER_DIR);
  const warnings = createWarnings((text) => process.stderr.write(text));
  const tally = createTally();
  const asks = switches.asked.traces || switches.asked.metrics || switches.configFile !== undefined;
  const destinations = createDestinations({
    env,
    switches,
    appFolders: app.folders,
    resource: app.resource,
    cardinalityLimit: CARDINALITY_LIMIT,
    inherits: lineage.inherits,
    // An app that preloaded its own OpenTelemetry before us needs none of ours.
    web: asks && !hasTracerProvider() ? prepareWeb(app.folders, warnings.warn) : undefined,
    onWarning: warnings.warn,
  });
  const reporter = createReporter({ lineage, app, folder, switches, warnings, tally, destinations });
  const metrics = createMetrics();
  let ledger: LedgerWriter | undefined;
  let pending = false;

  const onRequest = (): void => {
    unsubscribe(REQUEST_START, onRequest);
    pending = true;
    destinations.begin();
  };
  const onFirstCall = (): void => {
    unsubscribe(REQUEST_START, onRequest);
    if (!destinations.ledger().on) return;
    ledger = createLedgerWriter({
      dir: folder,
      resource: { ...app.resource, ...(destinations.metered() ? { [TOKENMETER_ATTR.metered]: true } : {}) },
      instance: `${lineage.pid}-${lineage.thread}-${lineage.run}`,
      onWarning: warnings.warn,
    });
  };
  const onCall = (record: CallRecord): void => {
    pending = true;
    ledger?.write(record);
    tally.add(record);
    reporter.touch();
  };
  const flush = async (): Promise<void> => {
    pending = false;
    await Promise.all([flushProviders(), ledger?.flush()]);
  };

  configureAttribution({ env });
  configureRuntime({
    sinks: [metrics.sink, onCall],
    pricer: createPricer(),
    generations: generationsOf(env.OTEL_SEMCONV_STABILITY_OPT_IN),
    metered: destinations.metered,
    onFirstCall,
  });
  onUntestedPackage(metrics.untested, warnings.warn);
  installHooks();
  subscribe(REQUEST_START, onRequest);
  handleExit({
    flush,
    pending: () => pending,
    endCalls: endOpenCalls,
    finish: () => {
      ledger?.close();
      reporter.finish();
    },
  });
  return { flush };
}
