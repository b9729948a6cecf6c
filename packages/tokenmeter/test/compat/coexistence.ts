/**
 * Apps that have OpenTelemetry, or something built on it, beside Tokenmeter. The app makes one call inside a span of its
 * own. What must hold: the backend gets one span for the call, below the app's own span; the call is counted once, by the
 * metrics if they leave the process and else in the ledger; and nobody complains of a provider that was there before.
 */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { startFakeProvider } from '@tokenmeter/fake-provider';
import { AppFolder, IMPORT, ledgerOf, REQUIRE, start } from '../harness.ts';
import { BACKENDS } from './backend.ts';
import { inTime, type Outcome, type Place } from './cell.ts';
import { compat, installedVersion, placeTokenmeter } from './project.ts';

export const JOINED = 'Apps with OpenTelemetry of their own';
export const STARTED = 'Apps that Tokenmeter starts OpenTelemetry for';

/** What stands between `import` and `from`, and the module. */
type Import = readonly [names: string, module: string];

interface Stack {
  readonly name: string;
  /** Folder below `compat/`. */
  readonly project: string;
  readonly backend: keyof typeof BACKENDS;
  /** What the app preloads: code, or a module of the package; absent where it starts nothing. */
  readonly preload?: { readonly imports: readonly Import[]; readonly lines: string } | string;
  /** Default: `--require` for CommonJS, `--import` for ES modules. */
  readonly flag?: '--import';
  /** `url`: the backend's. */
  readonly env: (url: string) => Readonly<Record<string, string>>;
  readonly imports: readonly Import[];
  /** Runs `ask` inside a span named `parent`, if the app has tracing, and then what sends everything out. */
  readonly lines: string;
}

const OTEL_APP = {
  backend: 'otlp',
  imports: [['{ trace }', '@opentelemetry/api']],
  lines: `await trace.getTracer('app').startActiveSpan('parent', async (span) => { await ask(); span.end(); });
    await globalThis.finish?.();`,
} as const;

const otlpEnv = (url: string): Record<string, string> => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  OTEL_LOGS_EXPORTER: 'none',
  // Detectors of clouds ask the network.
  OTEL_NODE_RESOURCE_DETECTORS: 'env',
  // What is registered twice is an error in the log.
  OTEL_LOG_LEVEL: 'warn',
});

const fileEnv = (url: string): Record<string, string> => ({
  OTEL_CONFIG_FILE: '../otel.yaml',
  SINK: url,
  OTEL_LOG_LEVEL: 'warn',
});

const OTEL_YAML = `file_format: "1.0"
tracer_provider:
  processors: [{ batch: { exporter: { otlp_http: { endpoint: "\${SINK}/v1/traces", encoding: json } } } }]
meter_provider:
  readers: [{ periodic: { exporter: { otlp_http: { endpoint: "\${SINK}/v1/metrics", encoding: json } } } }]
`;

const NODE_SDK = {
  imports: [['{ NodeSDK }', '@opentelemetry/sdk-node']],
  lines: `const sdk = new NodeSDK(); sdk.start(); globalThis.finish = () => sdk.shutdown();`,
} as const;

/** Until 0.300 it has another name. */
const START_NODE_SDK = {
  imports: [['* as sdkNode', '@opentelemetry/sdk-node']],
  lines: `const sdk = (sdkNode.startNodeSdk ?? sdkNode.startNodeSDK)(); globalThis.finish = () => sdk.shutdown();`,
} as const;

const AUTO = '@opentelemetry/auto-instrumentations-node/register';

/** The two lines, each with the version that its packages are released under. */
const LINES = [
  [`OpenTelemetry 2.x (${installedVersion(compat('otel-2'), '@opentelemetry/sdk-node')})`, 'otel-2'],
  [`OpenTelemetry 3.x (${installedVersion(compat('otel-3'), '@opentelemetry/sdk-node')})`, 'otel-3'],
] as const;

const WITH_THEIR_OWN: readonly Stack[] = [
  ...LINES.flatMap(([line, project]): Stack[] => [
    { ...OTEL_APP, name: `${line}, \`NodeSDK\``, project, preload: NODE_SDK, env: otlpEnv },
    { ...OTEL_APP, name: `${line}, \`auto-instrumentations-node/register\``, project, preload: AUTO, env: otlpEnv },
    { ...OTEL_APP, name: `${line}, \`OTEL_CONFIG_FILE\``, project, preload: START_NODE_SDK, env: fileEnv },
  ]),
  {
    name: `Sentry ${installedVersion(compat('sentry'), '@sentry/node')}, \`enableOpenTelemetrySetup\``,
    project: 'sentry',
    backend: 'sentry',
    flag: '--import',
    preload: {
      imports: [['* as Sentry', '@sentry/node']],
      lines: `Sentry.init({ dsn: process.env.DSN, tracesSampleRate: 1, enableOpenTelemetrySetup: true,
        integrations: (all) => all.filter(({ name }) => name !== 'OpenAI') });`,
    },
    env: (url) => ({ DSN: `${url.replace('//', '//key@')}/1` }),
    imports: [['* as Sentry', '@sentry/node']],
    lines: `await Sentry.startSpan({ name: 'parent' }, ask); await Sentry.flush(2000);`,
  },
  {
    name: `Datadog ${installedVersion(compat('datadog'), 'dd-trace')}, \`TracerProvider\``,
    project: 'datadog',
    backend: 'datadog',
    preload: {
      imports: [['tracer', 'dd-trace']],
      lines: `tracer.init({ startupLogs: false }); new tracer.TracerProvider().register();`,
    },
    env: () => ({
      DD_TRACE_EXPERIMENTAL_EXPORTER: 'log',
      DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
      DD_REMOTE_CONFIGURATION_ENABLED: 'false',
      DD_TRACE_DISABLED_PLUGINS: 'openai',
    }),
    imports: [['tracer', 'dd-trace']],
    lines: `await tracer.trace('parent', ask);`,
  },
];

const WITHOUT: readonly Stack[] = LINES.flatMap(([line, project]): Stack[] => {
  const nothing = { project, backend: 'otlp', imports: [], lines: 'await ask();' } as const;
  return [
    { ...nothing, name: `${line}, \`OTEL_EXPORTER_OTLP_ENDPOINT\``, env: otlpEnv },
    { ...nothing, name: `${line}, \`OTEL_CONFIG_FILE\``, env: fileEnv },
  ];
});

const SYSTEMS = [
  ['CommonJS', 'cjs', '--require'],
  ['ES modules', 'mjs', '--import'],
] as const;

type System = (typeof SYSTEMS)[number][1];

export interface Coexistence extends Place {
  readonly stack: Stack;
  readonly folder: AppFolder;
  readonly args: readonly string[];
}

/** All cells; the folders of their apps are to be removed after them. */
export function coexistences(): readonly Coexistence[] {
  for (const project of ['otel-2', 'otel-3', 'sentry', 'datadog']) placeTokenmeter(project);
  const of = (table: string, stacks: readonly Stack[], orders: readonly (readonly [string, Order])[]) =>
    stacks.flatMap((stack) => {
      const folder = appOf(stack);
      return SYSTEMS.flatMap(([system, ending, flag]) =>
        orders.map(([column, order]): Coexistence => {
          const theirs = stack.preload === undefined ? [] : [stack.flag ?? flag, preloadOf(stack, ending)];
          const args = [...order(theirs, flag === '--require' ? REQUIRE : IMPORT), `../app.${ending}`];
          return { table, row: `${stack.name} | ${system}`, column, stack, folder, args };
        }),
      );
    });
  return [
    ...of(JOINED, WITH_THEIR_OWN, [
      ['started before Tokenmeter', (theirs, ours) => [...theirs, ...ours]],
      ['started after Tokenmeter', (theirs, ours) => [...ours, ...theirs]],
    ]),
    ...of(STARTED, WITHOUT, [['at the first call', (_, ours) => ours]]),
  ];
}

type Order = (theirs: readonly string[], ours: readonly string[]) => readonly string[];

function preloadOf({ preload }: Stack, ending: System): string {
  return typeof preload === 'string' ? preload : `../own.${ending}`;
}

function appOf({ project, preload, imports, lines }: Stack): AppFolder {
  const files: Record<string, string> = { 'otel.yaml': OTEL_YAML };
  for (const [, ending] of SYSTEMS) {
    if (typeof preload === 'object') files[`own.${ending}`] = source(ending, preload.imports, preload.lines);
    const ask = `const ask = async () => {
      const client = new OpenAI({ apiKey: 'x', baseURL: process.env.PROVIDER_URL, maxRetries: 0 });
      await client.chat.completions.create({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }] });
    };`;
    const all: readonly Import[] = [...imports, ['{ OpenAI }', 'openai']];
    files[`app.${ending}`] = source(ending, all, `${ask}\n(async () => {\n${lines}\n})();`);
  }
  return new AppFolder(files, compat(project, 'node_modules'));
}

function source(ending: System, imports: readonly Import[], lines: string): string {
  const head = imports.map(([names, module]) =>
    ending === 'cjs'
      ? `const ${names.replace('* as ', '')} = require('${module}');`
      : `import ${names} from '${module}';`,
  );
  return `${head.join('\n')}\n${lines}\n`;
}

export async function runCoexistence({ table, row, column, stack, folder, args }: Coexistence): Promise<Outcome> {
  const [provider, backend] = await Promise.all([startFakeProvider(), BACKENDS[stack.backend]()]);
  const path = mkdtempSync(join(folder.path, 'cell-'));
  const env = { PROVIDER_URL: provider.openaiBaseUrl, ...stack.env(backend.url) };
  const ended = await inTime(start({ path }, args, env));
  await Promise.all([provider.close(), backend.close()]);
  const spans = backend.spans(ended);
  const calls = spans.filter(({ isCall }) => isCall);
  const parent = spans.find(({ name }) => name === 'parent');
  const recorded = ledgerOf(path).length;
  const byMetrics = backend.counted() ?? 0;
  const complaints = [
    ended.code === 0 ? '' : `ended with ${ended.code ?? ended.signal}`,
    backend.noise(ended).trim(),
    provider.served().entries.length === 1 ? '' : 'the provider did not serve one call',
    calls.length === 1 && calls[0]?.isOurs ? '' : `${calls.length} spans: ${calls.map(({ name }) => name).join(', ')}`,
    calls[0]?.parent === parent?.id ? '' : "the span is not below the app's",
    table === STARTED || parent !== undefined ? '' : "the app's own span did not arrive",
    recorded + byMetrics === 1 ? '' : `${byMetrics} calls in metrics, ${recorded} in the ledger`,
  ].filter(Boolean);
  return { table, row, column, calls: 1, counted: recorded + byMetrics, complaints };
}
