/**
 * The line between a child process and the fake provider: an HTTP server that passes requests on, writes down what each
 * scenario sent and when it let go of the answer, and, where a scenario asks for it by the header `x-line`, makes the
 * line bad at an exact event. Directives, joined by `;`:
 *
 * - `status=N`, `times=K`: the provider refuses with status N, all attempts or the first K
 * - `hold=N`: N events go out, then nothing until the client leaves (or, after a while, everything: see `PATIENCE`)
 * - `die=N`: N events go out, then the socket is destroyed
 * - `error-event=N`: N events go out, then the provider's error event and the end
 * - `hang`: no answer; ends when the client leaves
 * - `garbage`: status 200 and a body that is no JSON
 * - `no-usage`: the answer without its `usage`
 * - `content=TEXT`: the answer says TEXT
 * - `tool=NAME:JSON`: the answer calls a tool, until the request carries a tool's result
 */
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorEvent, rewrite } from './answers.ts';

/** One HTTP request as the provider's side saw it. */
export interface Exchange {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** `name: value`, without those that hold ports, lengths or our own directives. */
  readonly headers: readonly string[];
  readonly body: unknown;
  readonly status: number;
  /** Server-sent events that went out, pings aside; absent for JSON. */
  readonly events?: number;
  /** Who ended the answer: it was complete, the client left, or the line broke by order. */
  readonly end: 'complete' | 'client left' | 'broken' | 'open';
}

export interface Recorder {
  /** Origin to use as base URL, without a path. */
  readonly url: string;
  /** Origin of a host that answers 400 to every `stream_options`. */
  readonly strictUrl: string;
  /** By scenario, in the order of arrival. */
  exchanges(): Record<string, Exchange[]>;
  close(): Promise<void>;
}

/** How long `hold` waits for a client that ought to leave at once. */
const PATIENCE = 3000;

const HIDDEN = /^(host|content-length|connection|keep-alive|transfer-encoding|x-line|x-scenario|x-fake-fault|cookie)$/;

/** `upstream`: origin of the fake provider. */
export async function startRecorder(upstream: string): Promise<Recorder> {
  const exchanges: Record<string, Writable<Exchange>[]> = {};
  const sockets = new Set<ServerResponse>();
  const serve = (strict: boolean) => (incoming: IncomingMessage, outgoing: ServerResponse) => {
    sockets.add(outgoing);
    outgoing.on('close', () => sockets.delete(outgoing));
    void handle(incoming, outgoing, strict, upstream, exchanges);
  };
  const servers = [createServer(serve(false)), createServer(serve(true))] as const;
  const [url, strictUrl] = (await Promise.all(servers.map(listen))) as [string, string];
  return {
    url,
    strictUrl,
    exchanges: () => exchanges,
    close: async () => {
      for (const outgoing of sockets) outgoing.destroy();
      await Promise.all(servers.map(stop));
    },
  };
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

async function handle(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  strict: boolean,
  upstream: string,
  exchanges: Record<string, Writable<Exchange>[]>,
): Promise<void> {
  const scenario = decodeURIComponent(header(incoming, 'x-scenario') ?? 'none');
  const directives = parseDirectives(header(incoming, 'x-line') ?? '');
  const exchange: Writable<Exchange> = {
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    headers: visibleHeaders(incoming),
    body: undefined,
    status: 0,
    end: 'open',
  };
  exchanges[scenario] = [...(exchanges[scenario] ?? []), exchange];
  outgoing.on('close', () => {
    if (exchange.end === 'open') exchange.end = outgoing.writableFinished ? 'complete' : 'client left';
  });

  const raw = await read(incoming).catch(() => '');
  exchange.body = parseJson(raw);
  if (directives.has('hang')) return;
  const answer = (status: number, type: string, body: string) => {
    exchange.status = status;
    outgoing.writeHead(status, { 'content-type': type, 'x-request-id': 'req_line_0001' }).end(body);
  };
  if (directives.has('garbage')) return answer(200, 'application/json', '{"id": "chatcmpl-');
  if (strict && hasStreamOptions(exchange.body))
    return answer(400, 'application/json', JSON.stringify({ error: { message: 'Unknown field: stream_options' } }));
  forward(incoming, raw, upstream, directives, (response) => {
    exchange.status = response.statusCode ?? 0;
    const headers = { ...response.headers };
    delete headers['content-length'];
    if (headers['retry-after'] !== undefined) headers['retry-after-ms'] = '5';
    outgoing.writeHead(exchange.status, headers);
    if (String(headers['content-type']).startsWith('text/event-stream')) {
      exchange.events = 0;
      void pump(response, outgoing, directives, exchange);
    } else {
      void read(response).then((body) => outgoing.end(rewrite(body, directives, exchange)));
    }
  }, outgoing);
}

/** Passes events on one by one, so that "the line broke after the third" means the same in every run. */
async function pump(
  response: IncomingMessage,
  outgoing: ServerResponse,
  directives: ReadonlyMap<string, string>,
  exchange: Writable<Exchange>,
): Promise<void> {
  const limit = (name: string) => (directives.has(name) ? Number(directives.get(name)) : Number.POSITIVE_INFINITY);
  for await (const event of events(response)) {
    const sent = exchange.events ?? 0;
    if (sent === limit('hold') && !isPing(event)) {
      // A comment: some decoders hand an event over only when the next line has come.
      outgoing.write(': hold\n\n');
      await leaves(outgoing);
    }
    if (sent === limit('die')) {
      exchange.end = 'broken';
      outgoing.destroy();
    }
    if (sent === limit('error-event')) outgoing.end(errorEvent(exchange.path));
    if (outgoing.writableEnded || outgoing.destroyed) return void response.destroy();
    if (!isPing(event)) exchange.events = sent + 1;
    // Each event is a packet of its own: what the client has is then exactly what was sent.
    await new Promise<void>((resolve) => outgoing.write(event, () => setImmediate(resolve)));
  }
  outgoing.end();
}

function isPing(event: string): boolean {
  return event.startsWith('event: ping');
}

async function* events(response: IncomingMessage): AsyncGenerator<string> {
  let rest = '';
  response.setEncoding('utf8');
  for await (const text of response) {
    rest += text;
    for (let end = rest.indexOf('\n\n'); end !== -1; end = rest.indexOf('\n\n')) {
      yield rest.slice(0, end + 2);
      rest = rest.slice(end + 2);
    }
  }
  if (rest) yield rest;
}

function leaves(outgoing: ServerResponse): Promise<void> {
  if (outgoing.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, PATIENCE);
    outgoing.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function forward(
  incoming: IncomingMessage,
  body: string,
  upstream: string,
  directives: ReadonlyMap<string, string>,
  onResponse: (response: IncomingMessage) => void,
  outgoing: ServerResponse,
): void {
  const headers: Record<string, string | string[] | undefined> = { ...incoming.headers, 'accept-encoding': 'identity' };
  for (const name of ['host', 'content-length', 'transfer-encoding', 'connection', 'x-line']) delete headers[name];
  headers['content-length'] = String(Buffer.byteLength(body));
  const attempt = Number(header(incoming, 'x-stainless-retry-count') ?? 0);
  const status = directives.get('status');
  if (status && attempt < Number(directives.get('times') ?? Number.POSITIVE_INFINITY)) headers['x-fake-fault'] = status;
  const onward = request(new URL(incoming.url ?? '/', upstream), { method: incoming.method, headers }, onResponse);
  onward.on('error', () => outgoing.destroy());
  outgoing.on('close', () => onward.destroy());
  onward.end(body);
}

function parseDirectives(text: string): ReadonlyMap<string, string> {
  const entries = text === '' ? [] : text.split(';');
  return new Map(
    entries.map((entry): [string, string] => {
      const at = entry.indexOf('=');
      return at === -1 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}

function hasStreamOptions(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'stream_options' in body;
}

function visibleHeaders(incoming: IncomingMessage): string[] {
  return Object.entries(incoming.headers)
    .filter(([name]) => !HIDDEN.test(name))
    .map(([name, value]) => `${name}: ${String(value)}`)
    .sort();
}

function header(incoming: IncomingMessage, name: string): string | undefined {
  const value = incoming.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

async function read(stream: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
