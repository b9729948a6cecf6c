import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ANTHROPIC_MAJORS, type Lab, loadSdk, openLab } from '../../testing/lab.ts';

interface Line {
  readonly result: { readonly type: string; readonly message?: { readonly id: string } };
}

interface Batches {
  results(id: string): Promise<AsyncIterable<Line>>;
}

interface Client {
  readonly messages: { readonly batches?: Batches };
  readonly beta: { readonly messages: { readonly batches: Batches } };
}

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

describe.each(ANTHROPIC_MAJORS)('%s', (folder) => {
  const Anthropic = loadSdk<Client>(folder);
  const open = (): Client => {
    lab.begin();
    return new Anthropic({ apiKey: 'test', baseURL: lab.provider.anthropicBaseUrl, maxRetries: 0 });
  };
  const sum = (of: 'input' | 'output') => lab.records.reduce((total, { usage }) => total + (usage?.[of] ?? 0), 0);

  test.each(['messages', 'beta'])(
    'each line of %s results that succeeded is one call at half the price',
    async (api) => {
      const client = open();
      const batches = api === 'beta' ? client.beta.messages.batches : client.messages.batches;
      if (!batches) return;
      const id = `msgbatch_${folder}_${api}`;
      const lines: Line[] = [];
      for await (const line of await batches.results(id)) lines.push(line);
      const consumed = lab.provider.served().entries.at(-1)?.consumed;
      expect(lines.map(({ result }) => result.type)).toEqual(['succeeded', 'succeeded', 'errored']);
      expect(lab.records.map((record) => record.responseId)).toEqual(
        lines.slice(0, 2).map(({ result }) => result.message?.id),
      );
      expect([sum('input'), sum('output')]).toEqual([consumed?.input, consumed?.output]);
      for (const { operation, outcome, cost, usage } of lab.records) {
        expect({ operation, outcome, variant: cost.variant, status: cost.status }).toEqual({
          operation: 'chat',
          outcome: 'completed',
          variant: 'batch',
          status: 'priced',
        });
        // claude-sonnet-4-5: $3 and $15 per million, half of it in a batch
        expect(cost.usd).toBeCloseTo(((usage?.input ?? 0) * 1.5 + (usage?.output ?? 0) * 7.5) / 1e6, 12);
      }
    },
  );

  test('what is read twice, or from the middle on, is counted once', async () => {
    const { batches } = open().beta.messages;
    const id = `msgbatch_${folder}_twice`;
    for await (const line of await batches.results(id)) if (line) break;
    expect(lab.records).toHaveLength(1);
    for await (const line of await batches.results(id)) expect(line).toBeTruthy();
    for await (const line of await batches.results(id)) expect(line).toBeTruthy();
    expect(lab.records).toHaveLength(2);
  });
});
