/**
 * Starting and stopping a fake provider, and what a test holds in its hand meanwhile. The life of a request is in `app.ts`.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FakeProviderApp, WIRES } from './app.ts';
import type { ProviderName } from './core/exchange.ts';
import type { Plan } from './core/plan.ts';
import type { Served } from './core/served.ts';

/** How to start a fake provider. Everything is optional. */
export interface FakeProviderOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Changes all numbers, ids and texts. Default 1. */
  readonly seed?: number;
  /** Milliseconds before the headers. Default 0. */
  readonly latencyMs?: number;
  /** Milliseconds between the events of a stream. Default 0. */
  readonly chunkDelayMs?: number;
  /** Fault text to its probability, e.g. `{ '429; retry-after=0.01': 0.1 }`. Drawn from the request, so repeatable. */
  readonly faultRates?: Readonly<Record<string, number>>;
  /** Requested model to response model; adds to the built-in aliases, and wins. */
  readonly models?: Readonly<Record<string, string>>;
  /** Requests whose headers and body `served()` still has. Default 200. */
  readonly keepRequests?: number;
  /** Entries that `served()` still has; the sums are over all. Default 50,000. */
  readonly keepEntries?: number;
}

/** A fake provider that listens. */
export interface FakeProvider {
  /** Without a slash at its end. */
  readonly url: string;
  readonly port: number;
  /** The base URL of a provider's SDK, whatever it is called there. */
  baseUrl(provider: ProviderName): string;
  /** `baseURL` of the OpenAI SDK. */
  readonly openaiBaseUrl: string;
  /** `baseURL` of the Anthropic SDK. */
  readonly anthropicBaseUrl: string;
  /** `httpOptions.baseUrl` of the Gemini SDK. */
  readonly geminiBaseUrl: string;
  /** What was served since the start or the last reset: a copy. */
  served(): Served;
  /** Plans for the next requests, in order of arrival. Throws on a fault that cannot be read. */
  next(...plans: readonly Plan[]): void;
  /** Resolves when no request is open, so that `served()` knows about clients that left. */
  idle(): Promise<void>;
  /** Forgets what was served, what can be retrieved and what was planned. */
  reset(): void;
  /** Ends open sockets and stops listening. */
  close(): Promise<void>;
}

/** Starts a server that answers as the providers' APIs do. Rejects when the port is taken. */
export async function startFakeProvider(options: FakeProviderOptions = {}): Promise<FakeProvider> {
  const app = new FakeProviderApp(options);
  const server = createServer((request, response) => void app.handle(request, response));
  server.on('upgrade', (request, socket, head) => app.upgrade(request, socket, head));
  server.keepAliveTimeout = 120_000;
  const host = options.host ?? '127.0.0.1';
  server.listen(options.port ?? 0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://${host}:${port}`;
  return {
    url,
    port,
    baseUrl: (provider) => url + (WIRES.find(({ name }) => name === provider)?.basePath ?? ''),
    openaiBaseUrl: `${url}/v1`,
    anthropicBaseUrl: url,
    geminiBaseUrl: url,
    served: () => app.register.read(),
    next: (...plans) => {
      for (const plan of plans) app.planner.push(plan);
    },
    idle: () => app.idle(),
    reset: () => app.reset(),
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
        app.hangUp();
      }),
  };
}
