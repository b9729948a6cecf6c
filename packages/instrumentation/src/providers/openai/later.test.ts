import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSeenIds } from '@tokenmeter/ledger';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { endOpenCalls, openCallCount } from '../../call/runtime.ts';
import { type Lab, loadSdk, OPENAI_MAJORS, openLab } from '../../testing/lab.ts';

type Response = { readonly id: string; readonly status: string } & AsyncIterable<unknown>;

interface Client {
  readonly responses: {
    create(params: object, options?: object): Promise<Response>;
    retrieve(id: string, query?: object): Promise<Response>;
    compact?(params: object): Promise<unknown>;
  };
  readonly batches: { retrieve(id: string): Promise<unknown> };
}

const BACKGROUND = { model: 'gpt-4o-mini', input: 'Think about meters.', background: true };
const plan = (value: object): object => ({ headers: { 'x-fake-plan': JSON.stringify(value) } });

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

async function drain(stream: AsyncIterable<unknown>, most = Number.POSITIVE_INFINITY): Promise<void> {
  let count = 0;
  for await (const event of stream) {
    count += event ? 1 : 0;
    if (count >= most) break;
  }
}

describe.each(OPENAI_MAJORS)('%s', (folder) => {
  const OpenAI = loadSdk<Client>(folder);
  const open = (options: Parameters<Lab['begin']>[0] = {}): Client => {
    lab.begin(options);
    return new OpenAI({ apiKey: 'test', baseURL: lab.provider.openaiBaseUrl, maxRetries: 0 });
  };
  const consumed = () => lab.provider.served().entries[0]?.consumed;
  /** Long enough for a record that must not come. */
  const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

  test('a background response is one call, however often it is asked for', async () => {
    const client = open();
    const { id, status } = await client.responses.create(BACKGROUND, plan({ polls: 2 }));
    expect(status).toBe('queued');
    for (let poll = 0; poll < 2; poll += 1) await client.responses.retrieve(id);
    await settled();
    expect([lab.records.length, openCallCount()]).toEqual([0, 1]);
    for (let poll = 0; poll < 3; poll += 1) await client.responses.retrieve(id);
    await settled();
    expect(lab.records).toHaveLength(1);
    expect(lab.records[0]).toMatchObject({
      operation: 'chat',
      outcome: 'completed',
      responseId: id,
      usage: { input: consumed()?.input, output: consumed()?.output },
      cost: { status: 'priced' },
      attempts: 1,
    });
    expect(openCallCount()).toBe(0);
  });

  test('one that was made elsewhere is a call when it is first seen finished, from its own start', async () => {
    const maker = open();
    const { id } = await maker.responses.create(BACKGROUND);
    const usage = consumed();
    endOpenCalls();
    lab.records.length = 0;
    // The id is unknown to this process but for the call that was given up.
    await maker.responses.retrieve(id);
    const record = await lab.record();
    expect(record).toMatchObject({ outcome: 'completed', responseId: id, usage: { input: usage?.input } });
    expect(record.requestModel).toBeTruthy();
    expect(record.startTime).toBeLessThanOrEqual(Date.now());
    expect(record.duration).toBeLessThan(2000);
  });

  test('its stream may break off: the call goes on until somebody reads the end', async () => {
    const client = open();
    const stream = await client.responses.create({ ...BACKGROUND, stream: true }, plan({ chunks: 8 }));
    await drain(stream, 3);
    await settled();
    expect(lab.records).toHaveLength(0);
    const [entry] = lab.provider.served().entries;
    await drain(await client.responses.retrieve(entry?.responseId ?? '', { stream: true }));
    expect(await lab.record()).toMatchObject({ outcome: 'completed', usage: { input: entry?.consumed?.input } });
    await client.responses.retrieve(entry?.responseId ?? '');
    await settled();
    expect(lab.records).toHaveLength(1);
  });

  test('one that failed is a failure', async () => {
    const client = open();
    const { id } = await client.responses.create(BACKGROUND, plan({ finish: 'failed' }));
    await client.responses.retrieve(id);
    expect(await lab.record()).toMatchObject({ outcome: 'failed', errorType: 'server_error' });
  });

  test('one that nobody asks for is abandoned with the process', async () => {
    await open().responses.create(BACKGROUND);
    endOpenCalls();
    expect(lab.records[0]).toMatchObject({ outcome: 'abandoned', cost: { status: 'usage_unknown' } });
  });

  test('a response in the foreground that is read again adds nothing', async () => {
    const client = open();
    const { id } = await client.responses.create({ ...BACKGROUND, background: false });
    await client.responses.retrieve(id);
    await settled();
    expect(lab.records).toHaveLength(1);
  });

  test('a batch is one call at half the price, when it is first seen finished', async () => {
    const client = open();
    await client.batches.retrieve(`batch_${folder}`);
    const record = await lab.record();
    const usage = consumed();
    await client.batches.retrieve(`batch_${folder}`);
    await settled();
    expect(lab.records).toHaveLength(1);
    expect(record).toMatchObject({
      operation: 'chat',
      responseModel: 'gpt-4o-mini',
      responseId: `batch_${folder}`,
      usage: { input: usage?.input, output: usage?.output },
      cost: { variant: 'batch' },
    });
    // gpt-4o-mini: $0.15 and $0.60 per million, half of it in a batch
    expect(record.cost.usd).toBeCloseTo(((usage?.input ?? 0) * 0.075 + (usage?.output ?? 0) * 0.3) / 1e6, 12);
    // What the fake provider says of its batches.
    expect(record.duration / 1000).toBeCloseTo(900, -1);
  });

  test('what another process beside the ledger has seen adds nothing, and abandons nothing', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'tokenmeter-later-'));
    try {
      const here = createSeenIds({ dir });
      const client = open({ seenAnswers: () => here });
      const { id } = await client.responses.create(BACKGROUND);
      // The other process was first.
      createSeenIds({ dir }).claim(`openai/${id}`);
      createSeenIds({ dir }).claim(`openai/batch_seen_${folder}`);
      endOpenCalls();
      await client.responses.retrieve(id);
      await client.batches.retrieve(`batch_seen_${folder}`);
      await settled();
      expect([lab.records, openCallCount()]).toEqual([[], 0]);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
});

describe.each(OPENAI_MAJORS.slice(2))('%s', (folder) => {
  const OpenAI = loadSdk<Client>(folder);

  test('compacting is a call of the model that was asked', async () => {
    lab.begin();
    const client = new OpenAI({ apiKey: 'test', baseURL: lab.provider.openaiBaseUrl, maxRetries: 0 });
    await client.responses.compact?.({ model: 'gpt-4o-mini', input: 'A long conversation.' });
    const record = await lab.record();
    const usage = lab.provider.served().entries[0]?.consumed;
    expect(record).toMatchObject({ requestModel: 'gpt-4o-mini', outcome: 'completed', cost: { status: 'priced' } });
    expect(record.usage).toMatchObject({ input: usage?.input, output: usage?.output });
  });
});
