import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withFeature } from '../../attribution/index.ts';
import { drain, type Lab, loadSdk, openLab } from '../../testing/lab.ts';

interface Client {
  readonly beta: {
    readonly sessions: {
      create(params: object): Promise<{ readonly id: string }>;
      retrieve(id: string): Promise<{ readonly id: string }>;
      readonly events: { stream(id: string): Promise<AsyncIterable<{ readonly type: string }>> };
    };
  };
}

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

describe.each(['anthropic-0', 'anthropic-1'] as const)('managed sessions of %s', (folder) => {
  const Anthropic = loadSdk<Client>(folder);
  const open = (): Client['beta']['sessions'] => {
    lab.begin();
    return new Anthropic({ apiKey: 'test', baseURL: lab.provider.anthropicBaseUrl, maxRetries: 0 }).beta.sessions;
  };
  const usage = () => lab.provider.served().entries.find(({ operation }) => operation === 'sessions.events')?.consumed;
  const sum = (of: 'input' | 'output') => lab.records.reduce((total, record) => total + (record.usage?.[of] ?? 0), 0);

  test('each request to the model is a call of the session’s model, when the app reads of its end', async () => {
    const sessions = open();
    const { id } = await sessions.create({ agent: 'claude-haiku-4-5', environment_id: 'env_1' });
    await withFeature('agent', async () => {
      const events = await drain(await sessions.events.stream(id));
      expect(events.map(({ type }) => type)).toEqual([
        'session.status_running',
        'span.model_request_start',
        'span.model_request_end',
        'span.model_request_start',
        'span.model_request_end',
        'session.status_idle',
      ]);
    });
    expect(lab.records).toMatchObject(
      ['completed', 'failed'].map((outcome) => ({
        provider: 'anthropic',
        operation: 'chat',
        requestModel: 'claude-haiku-4-5',
        outcome,
        duration: 2000,
        attribution: { feature: 'agent' },
        attributes: { 'gen_ai.conversation.id': id },
        cost: { status: 'priced' },
      })),
    );
    expect([sum('input'), sum('output')]).toEqual([usage()?.input, usage()?.output]);
    const { input = 0, output = 0, cacheRead = 0, cacheWrite5m = 0 } = usage() ?? {};
    const plain = input - cacheRead - cacheWrite5m;
    // claude-haiku-4-5: $1 and $5 per million, a tenth of that read from a cache, 1.25 of it written.
    const usd = (plain + cacheRead * 0.1 + cacheWrite5m * 1.25 + output * 5) / 1e6;
    expect(lab.records.reduce((total, { cost }) => total + (cost.usd ?? 0), 0)).toBeCloseTo(usd, 12);
  });

  test('what is read again, or from another place on, is counted once', async () => {
    const sessions = open();
    const { id } = await sessions.retrieve(`sesn_${folder}_twice`);
    for await (const { type } of await sessions.events.stream(id)) if (type === 'span.model_request_end') break;
    expect(lab.records).toHaveLength(1);
    for (const _ of [1, 2]) await drain(await sessions.events.stream(id));
    expect(lab.records).toHaveLength(2);
  });

  test('of a session that the app has never looked at, the model is unknown, and so is the price', async () => {
    await drain(await open().events.stream(`sesn_${folder}_unseen`));
    expect(lab.records.map(({ requestModel, cost }) => [requestModel, cost.status, cost.usd])).toEqual([
      [undefined, 'unpriced', undefined],
      [undefined, 'unpriced', undefined],
    ]);
    expect(sum('input')).toBe(usage()?.input);
  });
});
