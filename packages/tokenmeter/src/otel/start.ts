/**
 * Starts OpenTelemetry's own SDK for the signals that `OTEL_*` asks for and that nobody has started: its exporters,
 * processors, samplers and propagators are those that the specification's variables name. `NodeSDK` decides about all
 * signals at once, so each signal that is not to be started is switched off by its variable while `start` runs; `start`
 * is synchronous, so no code of the app sees that.
 */
import { randomUUID } from 'node:crypto';
import type { Environment, Signal } from '../environment.ts';
import { installLine, load } from './load.ts';
import { hasContextManager, hasMeterProvider, hasPropagator, hasTracerProvider } from './providers.ts';

export interface StartOptions {
  readonly env: Environment;
  /** Where the app's modules are looked for. */
  readonly appFolders: readonly string[];
  readonly signals: Readonly<Record<Signal, boolean>>;
  readonly configFile?: string;
  /** Resource attributes; those of `OTEL_*` win over them. */
  readonly resource: Readonly<Record<string, string | boolean>>;
  /** Attribute sets that each instrument may have. */
  readonly cardinalityLimit: number;
  /** Cluster workers and threads share their parent's variables but must not share its `service.instance.id`. */
  readonly inherits: boolean;
  readonly onWarning: (message: string) => void;
}

interface Resource {
  merge(other: Resource): Resource;
}

interface Resources {
  defaultResource(): Resource;
  resourceFromAttributes(attributes: Readonly<Record<string, string | boolean>>): Resource;
}

interface NodeSdkModule {
  readonly NodeSDK: new (options: {
    readonly resource: Resource;
    readonly views?: readonly object[];
    readonly spanProcessors?: readonly [];
    readonly contextManager?: null;
    readonly textMapPropagator?: null;
  }) => { start(): void };
  /** The only one that reads `OTEL_CONFIG_FILE`, since 0.209; until 0.300 by its second name. */
  readonly startNodeSdk?: () => unknown;
  readonly startNodeSDK?: () => unknown;
}

const SDK = '@opentelemetry/sdk-node';

/** Never throws: what fails is told once and leaves the app as it was. */
export function startSignals(options: StartOptions): void {
  try {
    const { module, beside } = load<NodeSdkModule>(SDK, options.appFolders);
    if (options.configFile !== undefined) startFromFile(module, options);
    else startFromEnvironment(module, beside('@opentelemetry/resources') as Resources, options);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    options.onWarning(
      `OpenTelemetry was not started: ${reason}. Nothing is exported. Install an SDK that fits: ${installLine([SDK], options.appFolders)}`,
    );
  }
}

function startFromFile(module: NodeSdkModule, options: StartOptions): void {
  if (hasTracerProvider() || hasMeterProvider()) {
    options.onWarning('OTEL_CONFIG_FILE is left alone, because the app has started OpenTelemetry itself.');
    return;
  }
  const start = module.startNodeSdk ?? module.startNodeSDK;
  if (start === undefined) throw new Error('this version of @opentelemetry/sdk-node reads no OTEL_CONFIG_FILE');
  start();
  if (!hasTracerProvider() && !hasMeterProvider()) {
    options.onWarning(
      `OTEL_CONFIG_FILE=${options.configFile} started no traces and no metrics. Set OTEL_LOG_LEVEL=info to see what is wrong with it.`,
    );
  }
}

function startFromEnvironment(module: NodeSdkModule, resources: Resources, options: StartOptions): void {
  const { env, signals } = options;
  const exporter = (signal: Signal, name: string): string =>
    signals[signal] ? env[`OTEL_${name}_EXPORTER`]?.trim() || 'otlp' : 'none';
  withEnvironment(
    {
      OTEL_TRACES_EXPORTER: exporter('traces', 'TRACES'),
      OTEL_METRICS_EXPORTER: exporter('metrics', 'METRICS'),
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_EXPORTER_OTLP_PROTOCOL: env.OTEL_EXPORTER_OTLP_PROTOCOL?.trim() || 'http/protobuf',
      OTEL_RESOURCE_ATTRIBUTES: options.inherits
        ? ownInstanceId(env.OTEL_RESOURCE_ATTRIBUTES)
        : env.OTEL_RESOURCE_ATTRIBUTES,
    },
    () => {
      const sdk = new module.NodeSDK({
        resource: resources.defaultResource().merge(resources.resourceFromAttributes(options.resource)),
        // Beside the variable: the SDK would warn of it in the app's log.
        ...(signals.traces ? {} : { spanProcessors: [] }),
        ...(signals.metrics ? { views: views(options.cardinalityLimit) } : {}),
        ...(hasContextManager() ? { contextManager: null } : {}),
        ...(hasPropagator() ? { textMapPropagator: null } : {}),
      });
      sdk.start();
    },
  );
}

/** Our instruments have their own cap below the limit; past the SDK's limit money would vanish in its overflow set. */
function views(aggregationCardinalityLimit: number): object[] {
  return ['tokenmeter.*', 'gen_ai.*'].map((instrumentName) => ({ instrumentName, aggregationCardinalityLimit }));
}

/** Replaces the id that one variable would give to several processes; keeps it as the prefix. */
export function ownInstanceId(attributes: string | undefined): string | undefined {
  return attributes?.replace(/(^|,)(\s*service\.instance\.id\s*=\s*[^,]*)/, (_, comma: string, pair: string) => {
    return `${comma}${pair.trimEnd()}-${randomUUID()}`;
  });
}

/** Runs `act` with other variables, and puts them back whatever happens. An undefined value removes the variable. */
function withEnvironment(values: Readonly<Record<string, string | undefined>>, act: () => void): void {
  const before = Object.fromEntries(Object.keys(values).map((name) => [name, process.env[name]]));
  assignEnvironment(values);
  try {
    act();
  } finally {
    assignEnvironment(before);
  }
}

function assignEnvironment(values: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}
