/**
 * The composition root of a process: the instrumentation's calls go to metrics, budgets, ledger and tally; the destinations are
 * decided at the first of them; the end of the process writes everything out. No other file knows all rooms.
 *
 * Life cycle: `compose` while preloading (nothing global, no socket, no file) → `begin` at the first call or incoming
 * request → calls → `finish` on exit.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Budgets } from '@tokenmeter/budgets';
import {
  type Admission,
  configureAttribution,
  configureRuntime,
  createMetrics,
  endOpenCalls,
  installHooks,
  type Metrics,
  onUntestedPackage,
  type PatchedPackage,
} from '@tokenmeter/instrumentation';
import {
  type CallRecord,
  createLedgerWriter,
  createSeenIds,
  type LedgerWriter,
  type SeenIds,
} from '@tokenmeter/ledger';
import { ATTR, generationsOf, TOKENMETER_ATTR } from '@tokenmeter/semconv';
import { describeApp } from './app.ts';
import { openBudgets } from './budgets.ts';
import { contentOptions } from './content.ts';
import { createDestinations } from './destinations.ts';
import type { Environment, Switches } from './environment.ts';
import { handleExit } from './exit.ts';
import { joinRun } from './lineage.ts';
import { flushProviders, hasTracerProvider } from './otel/providers.ts';
import { prepareWeb } from './otel/web.ts';
import { type Refreshing, refreshPrices } from './prices/refreshing.ts';
import { createUnknownModels } from './prices/unknown-model.ts';
import { createReporter } from './reporter.ts';
import { readSettings } from './settings.ts';
import { createTally } from './tally.ts';
import { createWarnings } from './warnings.ts';

/** Published by Node's HTTP server before the app sees a request. */
const REQUEST_START = 'http.server.request.start';

/** What the rest of the process may ask. */
export interface Composition {
  /** Contract: `flush` in the public API. */
  flush(): Promise<void>;
}

export function compose(env: Environment, switches: Switches): Composition {
  const lineage = joinRun();
  const warnings = createWarnings((text) => process.stderr.write(text));
  // All processes of a run find the same file: the first one says what is wrong with it.
  const { config, pricer, folder } = readSettings(process.cwd(), env, lineage.first ? warnings.warn : warnings.note);
  const app = describeApp(env, config);
  const tally = createTally();
  const generations = generationsOf(env.OTEL_SEMCONV_STABILITY_OPT_IN);
  const asks = switches.asked.traces || switches.asked.metrics || switches.configFile !== undefined;
  // An app that preloaded its own OpenTelemetry before us needs none of ours.
  const wantsWeb = (asks || config.routes.length > 0) && !hasTracerProvider();
  const web = wantsWeb ? prepareWeb(app.folders, warnings.warn) : undefined;
  const destinations = createDestinations({
    env,
    switches,
    appFolders: app.folders,
    resource: app.resource,
    inherits: lineage.inherits,
    web,
    onWarning: warnings.warn,
  });
  const reporter = createReporter({ lineage, app, folder, switches, warnings, tally, destinations });
  const untested: PatchedPackage[] = [];
  let metrics: Metrics | undefined;
  let ledger: LedgerWriter | undefined;
  let seenIds: SeenIds | undefined;
  const unknownModels = createUnknownModels(config.prices?.onUnknownModel, pricer, warnings.tell);
  let refreshing: Refreshing | undefined;
  let budgets: Budgets | undefined;
  let pending = false;

  const onRequest = (): void => {
    unsubscribe(REQUEST_START, onRequest);
    pending = true;
    destinations.begin();
  };
  const onFirstCall = (): void => {
    unsubscribe(REQUEST_START, onRequest);
    refreshing = refreshPrices(config.prices?.refresh, { ledgerFolder: folder, pricer, onWarning: warnings.warn });
    const { on } = destinations.ledger();
    metrics = createMetrics({
      generations,
      tenant: config.tenants?.onMetrics === true,
      maxAttributeSets: destinations.roomForAttributeSets(),
      priceBook: () => ({ version: pricer.version, timestamp: Date.parse(pricer.bookDate) / 1000 }),
    });
    for (const { name, version } of untested) metrics.countUntestedSdk(name, version ?? 'unknown');
    if (switches.budgets !== false) budgets = openBudgets({ config, pricer, folder, app, warnings, metrics });
    if (!on) return;
    seenIds = createSeenIds({ dir: folder });
    ledger = createLedgerWriter({
      dir: folder,
      keepDays: config.ledger?.keepDays,
      resource: { ...app.resource, ...(destinations.metered() ? { [TOKENMETER_ATTR.metered]: true } : {}) },
      instance: `${lineage.pid}-${lineage.thread}-${lineage.run}`,
      onWarning: warnings.warn,
    });
  };
  const onCall = (record: CallRecord): void => {
    pending = true;
    budgets?.record(record);
    ledger?.write(record);
    tally.add(record);
    unknownModels.sink?.(record);
    reporter.touch();
  };
  const flush = async (): Promise<void> => {
    pending = false;
    metrics?.join();
    await Promise.all([budgets?.flush(), flushProviders(), ledger?.flush()]);
  };

  const admission: Admission | undefined =
    config.budgets.length === 0
      ? unknownModels.admission
      : (request) => unknownModels.admission?.(request) ?? budgets?.admit?.(request);

  configureAttribution({
    env: { ...env, TOKENMETER_ENVIRONMENT: app.resource[ATTR.environment] },
    routes: config.routes,
    features: config.features,
  });
  configureRuntime({
    sinks: [(record) => metrics?.sink(record), onCall],
    admission,
    pricer,
    generations,
    metered: destinations.metered,
    onFirstCall,
    seenAnswers: () => seenIds,
    content: contentOptions(switches.content, lineage.first ? warnings.warn : warnings.note),
    includeStreamUsage: switches.streamUsage,
  });
  onUntestedPackage((found) => untested.push(found), warnings.warn);
  installHooks(web ? { express: web.onExpress } : {});
  subscribe(REQUEST_START, onRequest);
  handleExit({
    flush,
    pending: () => pending,
    endCalls: endOpenCalls,
    finish: () => {
      refreshing?.stop();
      budgets?.finish();
      ledger?.close();
      reporter.finish();
    },
  });
  return { flush };
}
