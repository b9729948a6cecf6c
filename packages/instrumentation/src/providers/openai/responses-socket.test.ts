/** Responses over WebSockets, in the majors that have them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withFeature } from '../../attribution/index.ts';
import { openCallCount } from '../../call/runtime.ts';
import { instrument } from '../../patching/packages.ts';
import { type Lab, loadSdk, openLab, requireFrom, until } from '../../testing/lab.ts';

interface Event {
  readonly type: string;
  readonly stream_id?: string;
}

interface Socket {
  on(name: string, listener: (event: Event & Error) => void): void;
  send(event: object): void;
  sendRaw(data: string): void;
  close(): void;
  stream(): AsyncIterable<{ readonly type: string; readonly message?: Event }>;
}

type SocketClass = new (client: unknown, options?: object) => Socket;

const ASK = { type: 'response.create', model: 'gpt-4o-mini', input: 'Tell me about meters.' };

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

describe.each([
  ['openai-6', 'openai/resources/responses/ws'],
  ['openai-6', 'openai/resources/beta/responses/ws'],
  ['openai-7', 'openai/resources/responses/ws'],
  ['openai-7', 'openai/resources/beta/responses/ws'],
] as const)('%s: %s', (folder, path) => {
  const OpenAI = loadSdk<unknown>(folder);
  const { ResponsesWS } = requireFrom(folder)(path) as { ResponsesWS: SocketClass };
  instrument(ResponsesWS);

  function open(
    begin: Parameters<Lab['begin']>[0] = {},
    options?: object,
    baseURL: string = lab.provider.openaiBaseUrl,
  ): { socket: Socket; told: Event[]; errors: Error[]; closed: Promise<unknown> } {
    lab.begin(begin);
    const told: Event[] = [];
    const errors: Error[] = [];
    const socket = new ResponsesWS(new OpenAI({ apiKey: 'test', baseURL }), options);
    socket.on('event', (event) => told.push(event));
    socket.on('error', (error) => errors.push(error));
    return { socket, told, errors, closed: new Promise((resolve) => socket.on('close', resolve)) };
  }
  const served = () => lab.provider.served().entries;

  test('each response is a call of whom it was sent for, and the app is told every event', async () => {
    const { socket, told } = open();
    for (const feature of ['one', 'two']) withFeature(feature, () => socket.send(ASK));
    await until(() => lab.records[1]);
    expect(lab.records.map(({ attribution }) => attribution.feature)).toEqual(['one', 'two']);
    for (const [index, record] of lab.records.entries()) {
      const entry = served()[index];
      expect(record).toMatchObject({
        provider: 'openai',
        operation: 'chat',
        requestModel: 'gpt-4o-mini',
        responseModel: entry?.responseModel,
        responseId: entry?.responseId,
        outcome: 'completed',
        stream: true,
        usageSource: 'provider',
        usage: { input: entry?.consumed?.input, output: entry?.consumed?.output },
        serverAddress: '127.0.0.1',
        serverPort: lab.provider.port,
        cost: { status: 'priced' },
      });
    }
    expect(told).toHaveLength(served().reduce((sum, { chunks }) => sum + chunks.total, 0));
    socket.close();
  });

  test('lanes are told apart, and an iterated socket is counted, too', async () => {
    const { socket } = open();
    lab.provider.next({ chunkDelayMs: 3 }, { chunkDelayMs: 3 });
    socket.send({ ...ASK, stream_id: 'one' });
    socket.send({ ...ASK, model: 'gpt-4.1-mini', stream_id: 'two' });
    const lanes: unknown[] = [];
    for await (const { message } of socket.stream()) {
      lanes.push(message?.stream_id);
      if (lab.records.length === 2) break;
    }
    const turns = lanes.filter((lane, index) => lane !== lanes[index - 1]);
    expect(turns.length).toBeGreaterThan(3);
    for (const { requestModel, responseId, usage } of lab.records) {
      const entry = served().find((one) => one.responseId === responseId);
      expect([requestModel, usage?.output]).toEqual([entry?.requestModel, entry?.consumed?.output]);
    }
    socket.close();
  });

  test('a refused request is a failure that cost nothing; an error in a response is one of unknown cost', async () => {
    const { socket, errors } = open();
    lab.provider.next({ fault: '400' }, { fault: 'error-event; after=3' }, { finish: 'failed' }, {});
    for (let asked = 0; asked < 4; asked += 1) socket.send(ASK);
    await until(() => lab.records[3]);
    expect(lab.records.map(({ outcome, errorType, cost }) => [outcome, errorType, cost.status])).toEqual([
      ['failed', '400', 'free'],
      ['failed', 'server_error', 'usage_unknown'],
      ['failed', 'server_error', 'usage_unknown'],
      ['completed', undefined, 'priced'],
    ]);
    expect(errors).toHaveLength(2);
    socket.close();
  });

  test.each([
    ['the app', 'canceled', undefined, 'estimated'],
    ['the server', 'failed', 'connection_closed', 'usage_unknown'],
  ])('%s cuts off all that are open', async (who, outcome, errorType, status) => {
    const { socket, told, closed } = open();
    lab.provider.next(who === 'the app' ? { chunkDelayMs: 30, chunks: 30 } : { fault: 'disconnect; after=5' });
    socket.send(ASK);
    await until(() => told[3]);
    if (who === 'the app') socket.close();
    expect(await lab.record()).toMatchObject({ outcome, errorType, cost: { status } });
    await closed;
    expect([lab.records.length, openCallCount()]).toEqual([1, 0]);
  });

  test('what was never sent cost nothing', async () => {
    const { socket, closed } = open({}, undefined, 'http://127.0.0.1:1/v1');
    socket.send(ASK);
    await closed;
    socket.send(ASK);
    const free = { outcome: 'failed', cost: { status: 'free' } };
    expect(lab.records).toMatchObject([
      { ...free, errorType: 'connection_closed' },
      { ...free, errorType: 'not_sent' },
    ]);
  });

  test('a connection that is made again goes on with what the SDK held back', async () => {
    const { socket, told } = open({}, { reconnect: { initialDelay: 1, onReconnecting: () => socket.send(ASK) } });
    lab.provider.next({ fault: 'disconnect; after=3' }, {});
    socket.send({ ...ASK, model: 'gpt-4.1-mini' });
    await until(() => lab.records[1]);
    expect(lab.records).toMatchObject([
      { requestModel: 'gpt-4.1-mini', outcome: 'failed', errorType: 'connection_closed' },
      { requestModel: 'gpt-4o-mini', outcome: 'completed', cost: { status: 'priced' } },
    ]);
    expect(told.at(-1)?.type).toBe('response.completed');
    expect(openCallCount()).toBe(0);
    socket.close();
  });

  test('what goes out past `send` is counted by its answer', async () => {
    const { socket } = open();
    socket.sendRaw(JSON.stringify(ASK));
    expect(await lab.record()).toMatchObject({
      requestModel: served()[0]?.responseModel,
      outcome: 'completed',
      cost: { status: 'priced' },
    });
    socket.close();
  });

  test('a budget refuses a request before it is sent, at once or later, and keeps the order', async () => {
    const refusal = new Error('over budget');
    const decisions = [refusal, { pending: Promise.resolve(refusal) }, { pending: Promise.resolve() }, {}];
    const { socket, errors } = open({ admission: () => decisions.shift() as never });
    for (let asked = 0; asked < 4; asked += 1) socket.send({ ...ASK, input: `Question ${asked}.` });
    await until(() => lab.records[1]);
    expect(errors.map(({ cause }) => cause)).toEqual([refusal, refusal]);
    expect(served().map(({ body }) => body?.input)).toEqual(['Question 2.', 'Question 3.']);
    expect([lab.records.length, openCallCount()]).toEqual([2, 0]);
    socket.close();
  });
});
