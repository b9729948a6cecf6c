/**
 * The line between a child process and the fake provider: an HTTP server that passes requests on and writes down what
 * each scenario (header `x-scenario`) sent, and when it let go of the answer. By the header `x-line` a scenario asks for
 * what needs the line's knowledge of both ends:
 *
 * - `hold=N`: N events go out, then nothing until the client leaves (or, after `PATIENCE`, the rest)
 * - `tool=NAME:JSON`: the answer calls a tool, until the request carries a tool's result
 * - `own-words`: what the provider says is its own choice, and may be a call of a tool
 */
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { callTool } from './answers.ts';
import { cutterOf } from './events.ts';

/** One HTTP request as the provider's side saw it. */
export interface Exchange {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** `name: value`, sorted, without those that hold ports, lengths or directives. */
  readonly headers: readonly string[];
  readonly body: unknown;
  /** 0: none was sent. */
  readonly status: number;
  /** Events of a stream that went out, pings aside; absent for JSON. */
  readonly events?: number;
  /** Who ended the answer: it was complete, the client left, or the provider broke off. */
  readonly end: 'complete' | 'client left' | 'broken' | 'open';
}

export interface Recorder {
  /** Origin of the provider, as clients are to use it. */
  readonly url: string;
  /** The same of a host that answers 400 to every `stream_options`. */
  readonly strictUrl: string;
  /** Resolves when every answer has ended, or after `PATIENCE`. */
  settled(): Promise<void>;
  /** By scenario, in the order of arrival. */
  exchanges(): Record<string, Exchange[]>;
  close(): Promise<void>;
}

type Draft = { -readonly [K in keyof Exchange]: Exchange[K] };

/** Where a scenario asks what has been seen of it so far. */
const SEEN = '/-/seen';

/** Milliseconds that `hold` waits for a client that ought to leave at once. */
const PATIENCE = 1000;

const HIDDEN = /^(host|content-length|connection|keep-alive|transfer-encoding|x-line|x-scenario|x-fake-.*)$/;
const NOT_FORWARDED = ['host', 'content-length', 'transfer-encoding', 'connection', 'accept-encoding', 'x-line'];

/**
 * The provider draws its answers from the request, and an instrumented request may ask for more: so that both runs get
 * the same, the answer is fixed unless the scenario plans another.
 */
const PLAN = { text: 'Hello to you, dear reader.', chunks: 6, usage: { input: 20, output: 12 } };

/** `upstream`: origin of the fake provider. */
export async function startRecorder(upstream: string): Promise<Recorder> {
  const exchanges: Record<string, Draft[]> = {};
  const serve = (extra: Readonly<Record<string, string>>) =>
    createServer((incoming, outgoing) => {
      const scenario = decodeURIComponent(header(incoming, 'x-scenario') ?? 'none');
      if (incoming.url === SEEN) return void outgoing.end(JSON.stringify(exchanges[scenario] ?? []));
      const draft = open(incoming, outgoing);
      exchanges[scenario] = [...(exchanges[scenario] ?? []), draft];
      void handle(incoming, outgoing, new URL(draft.path, upstream), extra, draft);
    });
  const servers = [serve({}), serve({ 'x-fake-fault': 'reject-stream-options' })];
  const [url = '', strictUrl = ''] = await Promise.all(servers.map(listen));
  return {
    url,
    strictUrl,
    settled: async () => {
      const isOpen = () => Object.values(exchanges).some((drafts) => drafts.some(({ end }) => end === 'open'));
      for (let waited = 0; isOpen() && waited < PATIENCE; waited += 5) await sleep(5);
    },
    exchanges: () => exchanges,
    close: async () => {
      await Promise.all(servers.map(stop));
    },
  };
}

function open(incoming: IncomingMessage, outgoing: ServerResponse): Draft {
  const draft: Draft = {
    method: incoming.method ?? '',
    path: incoming.url ?? '/',
    headers: Object.entries(incoming.headers)
      .filter(([name]) => !HIDDEN.test(name))
      .map(([name, value]) => `${name}: ${withoutBoundary(String(value), boundaryOf(incoming))}`)
      .sort(),
    body: undefined,
    status: 0,
    end: 'open',
  };
  outgoing.on('close', () => {
    if (draft.end === 'open') draft.end = outgoing.writableFinished ? 'complete' : 'client left';
  });
  return draft;
}

async function handle(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  target: URL,
  extra: Readonly<Record<string, string>>,
  draft: Draft,
): Promise<void> {
  const line = header(incoming, 'x-line') ?? '';
  const directive = (name: string) => (line.startsWith(`${name}=`) ? line.slice(name.length + 1) : undefined);
  const breakOff = () => {
    if (draft.end === 'open') draft.end = 'broken';
    outgoing.destroy();
  };
  try {
    const body = await read(incoming);
    draft.body = parseJson(withoutBoundary(body, boundaryOf(incoming)));
    const response = await forward(incoming, outgoing, target, body, extra);
    draft.status = response.statusCode ?? 0;
    const cut = cutterOf(response.headers['content-type']);
    const { 'content-length': _, ...headers } = response.headers;
    if (cut) {
      outgoing.writeHead(draft.status, headers).flushHeaders();
      await passEvents(cut(response), outgoing, Number(directive('hold') ?? Number.POSITIVE_INFINITY), draft);
    } else {
      const answer = await read(response);
      const tool = directive('tool');
      outgoing.writeHead(draft.status, headers).end(tool ? callTool(answer, tool, draft.body) : answer);
    }
  } catch {
    breakOff();
  }
}

/** Passes events on one by one: "it broke after the third" then means the same in every run. */
async function passEvents(
  events: AsyncIterable<Buffer>,
  outgoing: ServerResponse,
  hold: number,
  draft: Draft,
): Promise<void> {
  draft.events = 0;
  for await (const event of events) {
    const ping = event.toString('latin1', 0, 11) === 'event: ping';
    if (draft.events === hold && !ping) {
      // A comment: some decoders hand an event over only when the next line has come.
      if (event.toString('latin1', 0, 16).match(/^(event|data):/)) outgoing.write(': hold\n\n');
      await left(outgoing);
    }
    if (outgoing.destroyed) return;
    if (!ping) draft.events += 1;
    outgoing.write(event);
    await turn();
  }
  outgoing.end();
}

function left(outgoing: ServerResponse): Promise<void> {
  if (outgoing.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, PATIENCE);
    outgoing.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Sends the request on; gives it up when the client leaves. */
function forward(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  target: URL,
  body: string,
  extra: Readonly<Record<string, string>>,
): Promise<IncomingMessage> {
  const headers: Record<string, string | string[] | undefined> = { ...incoming.headers, ...extra };
  for (const name of NOT_FORWARDED) delete headers[name];
  headers['content-length'] = String(Buffer.byteLength(body));
  const plan = planFor(target.pathname, header(incoming, 'x-line'));
  headers['x-fake-plan'] = JSON.stringify({ ...plan, ...JSON.parse(header(incoming, 'x-fake-plan') ?? '{}') });
  return new Promise((resolve, reject) => {
    const onward = request(target, { method: incoming.method, headers }, resolve);
    onward.on('error', reject);
    outgoing.on('close', () => onward.destroy());
    onward.end(body);
  });
}

function planFor(path: string, line: string | undefined): Partial<typeof PLAN> {
  if (/embed|rerank/i.test(path)) return {};
  const { text, ...others } = PLAN;
  return line === 'own-words' ? others : { text, ...others };
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

/** What parts a form: each request draws its own. */
function boundaryOf(incoming: IncomingMessage): string | undefined {
  return /boundary="?([^";]+)/.exec(header(incoming, 'content-type') ?? '')?.[1];
}

function withoutBoundary(text: string, boundary: string | undefined): string {
  return boundary === undefined ? text : text.replaceAll(boundary, '<boundary>');
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
