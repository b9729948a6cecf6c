/** A server of live sessions over real WebSockets: it says what a test lets it say. */
import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { type GOOGLE_GENAI_MAJORS, requireFrom } from '../../testing/lab.ts';

export interface Session {
  sendClientContent(params: object): void;
  sendRealtimeInput(params: object): void;
  sendToolResponse(params: object): void;
  /** From 2.x on. */
  sendContextUpdate?(params: object): void;
  close(): void;
}

export interface Client {
  readonly live: { connect(params: object): Promise<Session> };
}

export interface Socket {
  on(event: 'message', listener: (data: Buffer) => void): void;
  send(text: string): void;
  terminate(): void;
}

interface SocketServer {
  on(event: 'connection', listener: (socket: Socket) => void): void;
  address(): AddressInfo;
  close(): void;
}

/** `act`: what the model does when the app has said something. */
export async function serveLive(
  folder: (typeof GOOGLE_GENAI_MAJORS)[number],
  act: (socket: Socket, said: object) => void,
): Promise<{ readonly url: string; close(): void }> {
  const load = createRequire(requireFrom(folder).resolve('@google/genai'));
  const { WebSocketServer } = load('ws') as { WebSocketServer: new (options: object) => SocketServer };
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server as never, 'listening');
  server.on('connection', (socket) => {
    socket.on('message', (data) => {
      const said = JSON.parse(data.toString()) as object;
      if ('setup' in said) socket.send(JSON.stringify({ setupComplete: {} }));
      else act(socket, said);
    });
  });
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}
