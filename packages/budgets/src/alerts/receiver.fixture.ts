/** A real HTTP server that takes alerts, for tests. */
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  // What a receiver sees is JSON: tests look into it freely.
  readonly body: Readonly<Record<string, unknown>>;
  readonly at: number;
}

export interface Receiver {
  readonly url: string;
  readonly received: readonly Received[];
  /** Resolves when that many requests have come. */
  until(count: number): Promise<readonly Received[]>;
  close(): Promise<void>;
}

/** Answers each request, given how many came before it. */
export type Answer = (response: ServerResponse, before: number) => void;

export const OK: Answer = (response) => void response.end('ok');
/** Accepts, reads and never answers. */
export const BLACK_HOLE: Answer = () => {};

export async function startReceiver(answer: Answer = OK): Promise<Receiver> {
  const received: Received[] = [];
  const waiting = new Set<() => void>();
  const server: Server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      const { url: path = '', headers } = request;
      received.push({ path, headers, body: JSON.parse(text) as Received['body'], at: Date.now() });
      answer(response, received.length - 1);
      for (const check of waiting) check();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    until: (count) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (received.length < count) return;
          waiting.delete(check);
          resolve(received);
        };
        waiting.add(check);
        check();
      }),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
