/**
 * What one fake provider knows, and the first half of a request's life: find its route, open its entry, choose its plan.
 * The second half, answering, is `core/serve.ts`.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { vertex } from './anthropic/vertex.ts';
import { anthropic } from './anthropic/wire.ts';
import { bedrock } from './bedrock/wire.ts';
import { cohere } from './cohere/wire.ts';
import { compatible } from './compatible/wires.ts';
import { answerControl, CONTROL_PREFIX } from './control.ts';
import { converse, type Question } from './core/converse.ts';
import type { ApiRequest, Route, SocketRoute, Wire } from './core/exchange.ts';
import { explain, readAll } from './core/http.ts';
import { isRecord, type Json } from './core/json.ts';
import { SNAPSHOTS } from './core/models.ts';
import { Planner } from './core/plan.ts';
import { hash, identifier, type Random, seeded } from './core/random.ts';
import { type Attempt, serve } from './core/serve.ts';
import { type OpenEntry, Register } from './core/served.ts';
import { AnswerStore } from './core/store.ts';
import { gemini } from './gemini/wire.ts';
import { ollama } from './ollama/wire.ts';
import { openai } from './openai/wire.ts';
import type { FakeProviderOptions } from './server.ts';

/** The first one that has a route answers: those with a path of their own stand before those that take any. */
export const WIRES: readonly Wire[] = [...compatible, ollama, cohere, bedrock, vertex, openai, anthropic, gemini];

/** Something that was asked for and has a route. */
interface Arrival {
  readonly message: IncomingMessage;
  readonly url: URL;
  readonly source: string;
  readonly wire: Wire;
  readonly route: Pick<Route, 'operation' | 'free'>;
  readonly params: readonly string[];
}

export class FakeProviderApp {
  readonly planner: Planner;
  readonly register: Register;
  readonly #seed: number;
  readonly #models: Readonly<Record<string, string>>;
  readonly #stored = new AnswerStore(1000);
  /** How often each request was seen: repeats draw other faults. */
  readonly #seen = new Map<number, number>();
  #sequence = 0;
  #active = 0;
  #waiting: (() => void)[] = [];
  readonly #sockets = new WebSocketServer({ noServer: true });

  constructor(options: FakeProviderOptions) {
    this.#seed = options.seed ?? 1;
    this.#models = { ...SNAPSHOTS, ...options.models };
    this.planner = new Planner({
      seed: this.#seed,
      latencyMs: options.latencyMs ?? 0,
      chunkDelayMs: options.chunkDelayMs ?? 0,
      faultRates: options.faultRates ?? {},
    });
    this.register = new Register({
      keepRequests: options.keepRequests ?? 200,
      keepEntries: options.keepEntries ?? 50_000,
    });
  }

  /** Resolves when no request is open. */
  idle(): Promise<void> {
    return this.#active === 0 ? Promise.resolve() : new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Forgets everything but the options. */
  reset(): void {
    this.register.reset();
    this.planner.clear();
    this.#stored.clear();
    this.#seen.clear();
  }

  /** Answers a request. Never rejects. */
  async handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#active++;
    try {
      await this.#answer(message, response);
    } catch (error) {
      // 400, so that no SDK retries what is a mistake in a test's plan or in this server.
      if (response.headersSent) response.destroy();
      else explain(response, 400, String(error));
    } finally {
      this.#left();
    }
  }

  #left(): void {
    this.#active--;
    if (this.#active === 0) for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Opens a WebSocket where there is one, and talks over it until the client leaves. */
  upgrade(message: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = new URL(message.url ?? '/', 'http://fake');
    const found = findSocket(url.pathname);
    if (!found) {
      socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n');
      return;
    }
    const { wire, route } = found;
    const count = (body: Json): Question => {
      this.#active++;
      const arrival: Arrival = { message, url, source: JSON.stringify(body), wire, route, params: [] };
      const ids = seeded(this.#seed, 'ids', this.#sequence++);
      const entry = this.#enter(arrival, body, ids);
      return { request: this.#request(arrival, body, ids, entry), entry };
    };
    this.#sockets.handleUpgrade(message, socket, head, (client) => {
      converse(client, route, url.searchParams, count, ({ entry }, outcome) => {
        this.register.end(entry, outcome);
        this.#left();
      });
    });
  }

  /** Ends all WebSockets. */
  hangUp(): void {
    for (const client of this.#sockets.clients) client.terminate();
  }

  async #answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(message.url ?? '/', 'http://fake');
    if (url.pathname.startsWith(CONTROL_PREFIX)) return answerControl(this, message, response);
    const found = findRoute(message.method, url.pathname);
    const source = await readAll(message);
    if (source === undefined) return;
    if (!found) return explain(response, 404, `no API at ${message.method} ${url.pathname}`);
    const body = await parseBody(source, message.headers['content-type']);
    if (!body) return explain(response, 400, 'the request body is neither a JSON object nor a form');
    const arrival: Arrival = { message, url, source, ...found };
    const ids = seeded(this.#seed, 'ids', this.#sequence++);
    const entry = this.#enter(arrival, body, ids);
    try {
      const attempt: Attempt = { ...found, request: this.#request(arrival, body, ids, entry), response, entry };
      this.register.end(entry, await serve(attempt));
    } catch (error) {
      this.register.end(entry, 'broken');
      throw error;
    }
  }

  #enter({ message, url, wire, route, params }: Arrival, body: Json, ids: Random): OpenEntry {
    const requestModel = wire.modelIn(params, body);
    return this.register.begin({
      provider: wire.name,
      operation: route.operation,
      path: url.pathname,
      free: route.free === true,
      attempt: (retryCount(message) ?? 0) + 1,
      stream: false,
      requestModel,
      responseModel: requestModel === undefined ? undefined : (this.#models[requestModel] ?? requestModel),
      responseId: undefined,
      requestId: wire.requestId(ids),
      serviceTier: undefined,
      fault: undefined,
      headers: message.headers,
      body,
    });
  }

  #request(arrival: Arrival, body: Json, ids: Random, entry: OpenEntry): ApiRequest {
    const { message, url, source, params } = arrival;
    const key = `${url.pathname}\n${source}`;
    const seen = (this.#seen.get(hash(key)) ?? 0) + 1;
    this.#seen.set(hash(key), seen);
    const plan = this.planner.choose({
      headers: message.headers,
      attempt: (retryCount(message) ?? seen - 1) + 1,
      key: `${key}\n${seen}`,
    });
    entry.fault = plan.fault?.kind;
    entry.responseModel = plan.model ?? entry.responseModel;
    return {
      query: url.searchParams,
      headers: message.headers,
      body,
      params,
      plan,
      random: seeded(this.#seed, key),
      id: (prefix, length, alphabet = 'base62') => identifier(ids, prefix, length, alphabet),
      now: Math.floor(Date.now() / 1000),
      model: entry.responseModel ?? '',
      stored: this.#stored,
    };
  }
}

/** Retries so far, as the Stainless-made SDKs (OpenAI, Anthropic) tell it; undefined from others. */
function retryCount(message: IncomingMessage): number | undefined {
  const header = message.headers['x-stainless-retry-count'];
  return typeof header === 'string' && /^\d+$/.test(header) ? Number(header) : undefined;
}

interface Found extends Pick<Arrival, 'wire' | 'params'> {
  readonly route: Route;
}

function findSocket(path: string): { readonly wire: Wire; readonly route: SocketRoute } | undefined {
  for (const wire of WIRES) {
    const route = wire.sockets?.find(({ pattern }) => pattern.test(path));
    if (route) return { wire, route };
  }
  return undefined;
}

function findRoute(method: string | undefined, path: string): Found | undefined {
  for (const wire of WIRES) {
    for (const route of wire.routes) {
      const match = route.method === method ? route.pattern.exec(path) : null;
      if (match) return { wire, route, params: match.slice(1).map(decodeURIComponent) };
    }
  }
  return undefined;
}

/** JSON, or a form: of its files, the names. */
async function parseBody(source: string, type: string | undefined): Promise<Json | undefined> {
  if (source === '') return {};
  try {
    if (type?.startsWith('multipart/form-data')) return await parseForm(source, type);
    const body: unknown = JSON.parse(source);
    return isRecord(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

async function parseForm(source: string, type: string): Promise<Json> {
  const form = await new Response(source, { headers: { 'content-type': type } }).formData();
  return Object.fromEntries([...form].map(([name, value]) => [name, typeof value === 'string' ? value : value.name]));
}
