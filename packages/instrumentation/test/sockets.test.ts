/**
 * The SDK's WebSockets are in modules of their own: loaded in either module system they are seen, and the app sees what it
 * sees without us.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startFakeProvider } from '@tokenmeter/fake-provider';
import { expect, test } from 'vitest';
import { MODULE_SYSTEMS, type ModuleSystem } from './harness/projects.ts';
import { type RecordedCalls, readRecorded } from './harness/recorded.ts';

const REGISTER = fileURLToPath(new URL('../../tokenmeter/dist/register.cjs', import.meta.url));

/** What an app would write: a response over each kind of socket; all that it sees is printed. */
const APP = `
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
  const app = async (OpenAI, { ResponsesWS }, { OpenAIRealtimeWebSocket }) => {
    const client = new OpenAI({ apiKey: 'test', baseURL: process.env.BASE_URL });
    const ask = { type: 'response.create', model: 'gpt-4o-mini', input: 'Hello.' };
    await talk(new ResponsesWS(client), ask, 'response.completed');
    await talk(new OpenAIRealtimeWebSocket({ model: 'gpt-realtime' }, client), { type: 'response.create' }, 'response.done');
    console.log(JSON.stringify(seen));
  };`;

const NAMES = ['openai', 'openai/resources/responses/ws', 'openai/realtime/websocket'];

/** The source of a process that loads the SDK by `require` or by `import`. */
function source(folder: string, system: ModuleSystem): string {
  const project = fileURLToPath(new URL(`../sdks/${folder}/package.json`, import.meta.url));
  const load =
    system === 'cjs'
      ? '(name) => require(path(name))'
      : `(name) => import(require('node:url').pathToFileURL(path(name).replace(/\\.js$/, '.mjs')))`;
  return `
    const path = (name) => require('node:module').createRequire(${JSON.stringify(project)}).resolve(name);
    const load = ${load};
    ${APP}
    Promise.all(${JSON.stringify(NAMES)}.map(load)).then(([sdk, responses, realtime]) =>
      app(sdk.OpenAI, responses, realtime));`;
}

async function run(folder: string, system: ModuleSystem, args: string[]): Promise<RecordedCalls & { stdout: string }> {
  const provider = await startFakeProvider();
  const cwd = await mkdtemp(join(tmpdir(), 'tokenmeter-sockets-'));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [...args, '-e', source(folder, system)], {
      cwd,
      env: { PATH: process.env.PATH, TOKENMETER_LEDGER: '1', BASE_URL: provider.openaiBaseUrl },
    });
    return { stdout, ...(await readRecorded(cwd)) };
  } finally {
    await provider.close();
    await rm(cwd, { recursive: true, force: true });
  }
}

test.each(['openai-6', 'openai-7'].flatMap((folder) => MODULE_SYSTEMS.map((system) => [folder, system] as const)))(
  'the sockets of %s in %s',
  async (folder, system) => {
    const [without, withIt] = await Promise.all([
      run(folder, system, []),
      run(folder, system, ['--require', REGISTER]),
    ]);
    expect(JSON.parse(withIt.stdout)).toEqual(JSON.parse(without.stdout));
    expect(withIt.doubles).toEqual([]);
    expect(withIt.calls.map(({ requestModel, outcome, cost }) => [requestModel, outcome, cost.status])).toEqual([
      ['gpt-4o-mini', 'completed', 'priced'],
      ['gpt-realtime', 'completed', 'priced'],
    ]);
  },
  60_000,
);
