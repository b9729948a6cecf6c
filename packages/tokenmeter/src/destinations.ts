/**
 * Where the data of this process goes; the only place that decides it.
 *
 * - `begin` runs once, at the first instrumented call or the first incoming HTTP request: by then an app that has
 *   OpenTelemetry of its own has started it. Each signal that has a provider is joined; each other one is started, when
 *   `OTEL_*` asks for it. There is never a second provider.
 * - `ledger` is settled once, at the first call: the ledger is written unless our metrics leave the process. A provider
 *   for traces alone does not switch it off, and a start that failed does not either.
 */
import { type Environment, SIGNALS, type Signal, type Switches } from './environment.ts';
import { hasMeterProvider, hasTracerProvider } from './otel/providers.ts';
import { startSignals } from './otel/start.ts';
import type { Web } from './otel/web.ts';

/** `joined`: the app's own provider. `started`: ours. `off`: nothing leaves the process by this signal. */
export type Reach = 'joined' | 'started' | 'off';

export interface LedgerDecision {
  readonly on: boolean;
  readonly why: string;
}

export interface Destinations {
  /** Joins and starts; every call but the first does nothing. */
  begin(): void;
  /** Begins if need be. The answer never changes. */
  ledger(): LedgerDecision;
  /** The answer of `ledger`, if it has been asked. */
  decided(): LedgerDecision | undefined;
  /** Do our metrics leave the process? Cheap: asked at the start of every span. */
  metered(): boolean;
  /** Attribute sets that each of our instruments may have; undefined: no more than the SDK's default allows. */
  roomForAttributeSets(): number | undefined;
  /** As things stand now: an app may still start its own provider later. */
  reach(): Readonly<Record<Signal, Reach>>;
}

export interface DestinationOptions {
  readonly env: Environment;
  readonly switches: Switches;
  readonly appFolders: readonly string[];
  readonly resource: Readonly<Record<string, string>>;
  /** A cluster worker or a worker thread. */
  readonly inherits: () => boolean;
  /** Present where routes and baggage are wanted if the app has no tracing of its own. */
  readonly web?: Web;
  readonly onWarning: (message: string) => void;
}

/** The SDK's own limit is 2,000 sets per instrument; what is above it is ours only where the MeterProvider is ours. */
const CARDINALITY_LIMIT = 20_000;
/** Below the limit by what the SDK itself needs of it. */
const ROOM = CARDINALITY_LIMIT - 100;

const PRESENT: Readonly<Record<Signal, () => boolean>> = { traces: hasTracerProvider, metrics: hasMeterProvider };

export function createDestinations(options: DestinationOptions): Destinations {
  const { switches } = options;
  const started: Record<Signal, boolean> = { traces: false, metrics: false };
  let begun = false;
  let decision: LedgerDecision | undefined;
  // A provider stays what it is; one that the app has shut down must not be asked again.
  const seen: Record<Signal, boolean> = { traces: false, metrics: false };
  const present = (signal: Signal): boolean => {
    seen[signal] ||= PRESENT[signal]();
    return seen[signal];
  };

  function begin(): void {
    if (begun) return;
    begun = true;
    const joined = { traces: present('traces'), metrics: present('metrics') };
    const signals = {
      traces: switches.asked.traces && !joined.traces,
      metrics: switches.asked.metrics && !joined.metrics,
    };
    const web = joined.traces ? undefined : options.web;
    // An app with both signals may have them from the file itself.
    const byFile = switches.configFile !== undefined && !(joined.traces && joined.metrics);
    // Routes and baggage need a context manager even where no signal is started.
    if (signals.traces || signals.metrics || byFile || web !== undefined) {
      startSignals({
        ...options,
        signals,
        cardinalityLimit: CARDINALITY_LIMIT,
        inherits: options.inherits(),
        configFile: byFile ? switches.configFile : undefined,
        resource: { ...options.resource, ...(signals.metrics ? { 'tokenmeter.metered': true } : {}) },
      });
    }
    for (const signal of SIGNALS) started[signal] = present(signal) && !joined[signal];
    web?.switchOn();
  }

  return {
    begin,
    ledger() {
      if (decision) return decision;
      begin();
      decision = decideLedger(switches.ledger, present('metrics'), switches.asked.metrics);
      return decision;
    },
    decided: () => decision,
    metered: () => present('metrics'),
    // A configuration file has views of its own.
    roomForAttributeSets: () => (started.metrics && switches.configFile === undefined ? ROOM : undefined),
    reach() {
      const reach = (signal: Signal): Reach => (started[signal] ? 'started' : present(signal) ? 'joined' : 'off');
      return { traces: reach('traces'), metrics: reach('metrics') };
    },
  };
}

/**
 * @param override `TOKENMETER_LEDGER`
 * @param metricsLeave there is a MeterProvider, the app's or ours
 * @param asked `OTEL_*` asks for metrics
 */
export function decideLedger(override: boolean | undefined, metricsLeave: boolean, asked: boolean): LedgerDecision {
  if (override !== undefined) return { on: override, why: `TOKENMETER_LEDGER=${override ? 1 : 0}` };
  if (metricsLeave) return { on: false, why: 'the metrics leave the process' };
  return { on: true, why: asked ? 'the metrics that OTEL_* asks for did not start' : 'no metrics leave the process' };
}
