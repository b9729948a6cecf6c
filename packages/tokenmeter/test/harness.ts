/** What the tests of whole processes need: a folder for an app, a way to run it, and backends that listen. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FakeProvider } from '@tokenmeter/fake-provider';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** A folder with the given files, in which the workspace's packages and SDKs, or those of another project, can be loaded as if installed. */
export class AppFolder {
  readonly path: string = mkdtempSync(join(tmpdir(), 'tokenmeter-app-'));

  constructor(files: Readonly<Record<string, string>>, nodeModules: string = join(ROOT, 'node_modules')) {
    symlinkSync(nodeModules, join(this.path, 'node_modules'), 'junction');
    this.write({ 'package.json': '{"name":"test-app"}', ...files });
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(this.path, name), text);
  }

  /** The spans in the ledger, attributes as plain values. */
  ledger(): Attributes[] {
    return ledgerOf(this.path);
  }

  statuses(): Record<string, unknown>[] {
    const folder = join(this.path, '.tokenmeter', 'status');
    return list(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Record<string, unknown>);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** The spans in the ledger of processes that ran in that folder. */
export function ledgerOf(path: string): Attributes[] {
  const folder = join(path, '.tokenmeter');
  return list(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n'))
    .flatMap((line) => spansOf(JSON.parse(line) as OtlpTraces));
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when stdout contains the text. */
  printed(text: string): Promise<void>;
}

/** Starts Node in the folder, in an environment without the tester's own `OTEL_*`, `TOKENMETER_*` and `NODE_OPTIONS`. */
export function start(
  app: Pick<AppFolder, 'path'>,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  node: string = process.execPath,
): Running {
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(OTEL_|TOKENMETER_|NODE_OPTIONS$|VITEST)/.test(name)),
  );
  const child = spawn(node, args, { cwd: app.path, env: { ...clean, ...env }, stdio: 'pipe' });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data: Buffer) => {
    stdout += data;
  });
  child.stderr.on('data', (data: Buffer) => {
    stderr += data;
  });
  const ended = once(child, 'close').then(([code, signal]): Ended => ({ code, signal, stdout, stderr }));
  return {
    child,
    ended,
    async printed(text) {
      while (!stdout.includes(text)) {
        if (child.exitCode !== null) throw new Error(`ended without printing ${text}:\n${stdout}\n${stderr}`);
        await Promise.race([once(child.stdout, 'data'), ended]);
      }
    },
  };
}

export function runNode(
  app: AppFolder,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return start(app, args, env).ended;
}

export const REQUIRE: readonly string[] = ['--require', 'tokenmeter/register'];
export const IMPORT: readonly string[] = ['--import', 'tokenmeter/register'];

export interface Listening {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

export async function listen(handler: RequestListener): Promise<Listening> {
  const server = createServer(handler);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Defines `call(model)`, one read call by the OpenAI SDK, and `hang()`, one without an answer, for a CommonJS app. */
export function client(provider: FakeProvider): string {
  return `const OpenAI = require('openai');
    const client = new OpenAI({ apiKey: 'x', baseURL: '${provider.openaiBaseUrl}', maxRetries: 0 });
    const ask = (model, options) =>
      client.chat.completions.create({ model, messages: [{ role: 'user', content: 'hi' }] }, options).then(() => {});
    const call = (model = 'gpt-4o-mini') => ask(model);
    const hang = () => ask('gpt-4o-mini', { headers: { 'x-fake-plan': '{"latencyMs":60000}' } });\n`;
}

/** What sends both signals to the sink. */
export function otlp(sink: OtlpSink): Record<string, string> {
  return { OTEL_EXPORTER_OTLP_ENDPOINT: sink.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' };
}

export type Attributes = Readonly<Record<string, unknown>>;

interface KeyValue {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface OtlpTraces {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly {
      readonly scope: { readonly name: string };
      readonly spans: readonly {
        readonly name: string;
        readonly kind: number;
        readonly traceId: string;
        readonly spanId: string;
        readonly parentSpanId?: string;
        readonly attributes: readonly KeyValue[];
      }[];
    }[];
  }[];
}

interface OtlpMetrics {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeMetrics: readonly {
      readonly metrics: readonly {
        readonly name: string;
        readonly sum?: { readonly dataPoints: readonly { readonly asInt?: string; readonly asDouble?: number }[] };
      }[];
    }[];
  }[];
}

/** An OTLP/HTTP JSON receiver that keeps what it gets. */
export interface OtlpSink extends Listening {
  /** Attributes of the spans, with `span.name`, `span.kind`, `span.traceId`, `scope` and `resource.*` among them. */
  spans(): Attributes[];
  /** The spans of LLM calls among them. */
  calls(): Attributes[];
  /** Names of the metrics that have come. */
  metricNames(): string[];
  /** The value of a cumulative counter in the last request that had it, over all its attributes. */
  lastSum(name: string): number | undefined;
  /** Resource attributes of each metrics request. */
  metricResources(): Attributes[];
  readonly contentTypes: ReadonlySet<string>;
}

export async function startOtlpSink(): Promise<OtlpSink> {
  const traces: OtlpTraces[] = [];
  const metrics: OtlpMetrics[] = [];
  const contentTypes = new Set<string>();
  const listening = await listen((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const type = request.headers['content-type'] ?? '';
      contentTypes.add(type);
      if (type.includes('json')) {
        const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
        if (request.url === '/v1/traces') traces.push(body as OtlpTraces);
        if (request.url === '/v1/metrics') metrics.push(body as OtlpMetrics);
      }
      response.setHeader('content-type', 'application/json');
      response.end('{}');
    });
  });
  return {
    ...listening,
    contentTypes,
    spans: () => traces.flatMap(spansOf),
    calls: () => traces.flatMap(spansOf).filter((span) => span['gen_ai.operation.name'] !== undefined),
    metricNames: () => [
      ...new Set(
        metrics.flatMap((body) =>
          body.resourceMetrics.flatMap((one) => one.scopeMetrics.flatMap((scope) => scope.metrics.map((m) => m.name))),
        ),
      ),
    ],
    lastSum: (name) => metrics.map((body) => sumOf(body, name)).findLast((value) => value !== undefined),
    metricResources: () => metrics.flatMap((body) => body.resourceMetrics.map((one) => plain(one.resource.attributes))),
  };
}

function spansOf(body: OtlpTraces): Attributes[] {
  return body.resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const shared = Object.entries(plain(resource.attributes)).map(([key, value]) => [`resource.${key}`, value]);
    return scopeSpans.flatMap(({ scope, spans }) =>
      spans.map((span) => ({
        ...Object.fromEntries(shared),
        ...plain(span.attributes),
        scope: scope.name,
        'span.name': span.name,
        'span.kind': span.kind,
        'span.traceId': span.traceId,
        'span.spanId': span.spanId,
        'span.parentSpanId': span.parentSpanId,
      })),
    );
  });
}

function sumOf(body: OtlpMetrics, name: string): number | undefined {
  const found = body.resourceMetrics
    .flatMap((one) => one.scopeMetrics.flatMap(({ metrics }) => metrics))
    .filter((metric) => metric.name === name);
  if (found.length === 0) return undefined;
  const points = found.flatMap(({ sum }) => sum?.dataPoints ?? []);
  return points.reduce((total, { asInt, asDouble }) => total + Number(asInt ?? asDouble), 0);
}

function plain(attributes: readonly KeyValue[]): Attributes {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
