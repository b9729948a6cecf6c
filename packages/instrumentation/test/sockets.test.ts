/**
 * The SDK's WebSockets are in modules of their own: loaded in either module system they are seen, and the app sees what it
 * sees without us.
 */
import { expect, test } from 'vitest';
import { runApp } from './harness/app.ts';
import { MODULE_SYSTEMS } from './harness/projects.ts';

/** What an app would write: a response over each kind of socket; all that it sees is printed. */
const SOURCE = `async ({ OpenAI }, { ResponsesWS }, { OpenAIRealtimeWebSocket }) => {
  const seen = [];
  const talk = (socket, ask, end) => new Promise((resolve) => {
    for (const key in socket) seen.push(key);
    seen.push(Object.getOwnPropertyNames(Object.getPrototypeOf(socket)));
    socket.on('event', (event) => {
      seen.push([event.type, event.delta, event.response?.usage]);
      if (event.type === 'session.created') socket.send(ask);
      if (event.type === end) socket.close();
    });
    socket.on(end, ({ type }) => seen.push(type));
    const transport = socket.socket.platformSocket ?? socket.socket;
    transport.addEventListener('close', ({ code }) => resolve(seen.push(code)));
    if (end === 'response.completed') socket.send(ask);
  });
  const Platform = globalThis.WebSocket;
  globalThis.WebSocket = class extends Platform {
    constructor(url, protocols) { super(url.replace('wss:', 'ws:'), protocols); }
  };
  const client = new OpenAI({ apiKey: 'test', baseURL: process.env.BASE_URL + '/v1' });
  const ask = { type: 'response.create', model: 'gpt-4o-mini', input: 'Hello.' };
  await talk(new ResponsesWS(client), ask, 'response.completed');
  await talk(new OpenAIRealtimeWebSocket({ model: 'gpt-realtime' }, client), { type: 'response.create' }, 'response.done');
  console.log(JSON.stringify(seen));
}`;

const modules = ['openai', 'openai/resources/responses/ws', 'openai/realtime/websocket'];

test.each(['openai-6', 'openai-7'].flatMap((folder) => MODULE_SYSTEMS.map((system) => [folder, system] as const)))(
  'the sockets of %s in %s',
  async (folder, system) => {
    const { without, withIt } = await runApp({ folder, system, modules, source: SOURCE });
    expect(withIt.transcript).toEqual(without.transcript);
    expect(withIt.doubles).toEqual([]);
    expect(withIt.calls.map(({ requestModel, outcome, cost }) => [requestModel, outcome, cost.status])).toEqual([
      ['gpt-4o-mini', 'completed', 'priced'],
      ['gpt-realtime', 'completed', 'priced'],
    ]);
  },
  60_000,
);
