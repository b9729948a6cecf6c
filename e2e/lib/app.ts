/** The demo's app with the real register, against a fake provider whose own bill the numbers must equal. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FakeProvider } from '@tokenmeter/fake-provider';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DEMO = join(ROOT, 'packages', 'tokenmeter', 'demo');

/**
 * Makes so many calls in a process of its own that pushes to `endpoint`, if there is one. Its ledger is kept where a folder
 * is given; `config` is its tokenmeter.yaml, in the place of the demo's. @throws when it does not end with 0.
 */
export async function runDemoApp(
  provider: FakeProvider,
  endpoint: string | undefined,
  calls: number,
  env: Record<string, string> = {},
  keep?: string,
  config?: string,
): Promise<void> {
  const folder = keep ?? mkdtempSync(join(tmpdir(), 'tokenmeter-e2e-app-'));
  try {
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
    for (const file of ['app.mjs', 'tokenmeter.yaml']) copyFileSync(join(DEMO, file), join(folder, file));
    if (config !== undefined) writeFileSync(join(folder, 'tokenmeter.yaml'), config);
    const clean = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(OTEL_|TOKENMETER_|NODE_OPTIONS$|VITEST)/.test(name)),
    );
    const child = spawn(process.execPath, ['--import', 'tokenmeter/register', 'app.mjs', String(calls)], {
      cwd: folder,
      stdio: 'pipe',
      env: {
        ...clean,
        ...(endpoint !== undefined && { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }),
        OTEL_METRIC_EXPORT_INTERVAL: '1000',
        OTEL_METRIC_EXPORT_TIMEOUT: '1000',
        OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
        OPENAI_BASE_URL: provider.openaiBaseUrl,
        OPENAI_API_KEY: 'none-needed',
        ANTHROPIC_BASE_URL: provider.anthropicBaseUrl,
        ANTHROPIC_API_KEY: 'none-needed',
        ...env,
      },
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data: Buffer) => {
        said += data;
      });
    }
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`the app ended with ${code}:\n${said}`);
    await provider.idle();
  } finally {
    if (keep === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

export interface Hook {
  readonly url: string;
  /** What was posted to a path, in order. */
  posted(path: string): Record<string, unknown>[];
  close(): Promise<void>;
}

/** Takes JSON by POST and remembers it. */
export async function startHook(): Promise<Hook> {
  const posts: { path: string; body: Record<string, unknown> }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      posts.push({ path: request.url ?? '', body: JSON.parse(Buffer.concat(chunks).toString('utf8')) });
      response.end('ok');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    posted: (path) => posts.filter((post) => post.path === path).map(({ body }) => body),
    async close() {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}
