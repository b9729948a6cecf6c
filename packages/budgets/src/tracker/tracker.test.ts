import { formatUsd, usdToPico } from '@tokenmeter/pricing';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { type Answer, BLACK_HOLE, OK, type Receiver, startReceiver } from '../alerts/receiver.fixture.ts';
import { BudgetAlertError, UnknownModelError } from './errors.ts';
import { SlackWay } from './slack.ts';
import { BudgetTracker } from './tracker.ts';
import type { TrackedRecord, TrackerOptions } from './types.ts';

/** USD 2 and 8 per million tokens, whatever the price book says. */
const PRICES = { overrides: [{ provider: 'openai', model: 'house-model', input: 2, output: 8 }] };

interface Tracked {
  readonly tracker: BudgetTracker;
  readonly lines: string[];
}

function track(options: TrackerOptions = {}): Tracked {
  const lines: string[] = [];
  const logger = {
    info: (line: string) => void lines.push(`INFO ${line}`),
    warn: (line: string) => void lines.push(`WARN ${line}`),
  };
  return { tracker: new BudgetTracker({ logger, prices: PRICES, ...options }), lines };
}

/** A call that costs that many cents. */
function cents(count: number): { model: string; provider: string; inputTokens: number } {
  return { model: 'house-model', provider: 'openai', inputTokens: count * 5000 };
}

describe('BudgetTracker', () => {
  it('alerts above 10 cents by default, and not at 10 cents', () => {
    const { tracker, lines } = track();
    tracker.record({ ...cents(10), endpoint: '/at' });
    expect(lines).toEqual([]);
    tracker.record({ ...cents(10), inputTokens: 50_001, outputTokens: 7, endpoint: '/over' });
    expect(lines).toEqual([
      'WARN BUDGET ALERT | endpoint=/over model=house-model cost=$0.1001 tokens_in=50001 tokens_out=7',
    ]);
    expect(tracker.summary()).toMatchObject({ total_requests: 2, total_cost_usd: 0.200058, alerts_fired: 1 });
  });

  it('takes a threshold of its own, and refuses one that is no amount', () => {
    const { tracker, lines } = track({ threshold: 0.000001 });
    tracker.record(cents(1));
    expect(lines).toHaveLength(1);
    for (const threshold of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => track({ threshold })).toThrow(RangeError);
    }
  });

  it('counts alerts that fired, whatever comes after', () => {
    const { tracker } = track();
    for (let call = 0; call < 3; call++) tracker.record(cents(11));
    tracker.record(cents(1));
    expect(tracker.summary()).toMatchObject({ total_requests: 4, alerts_fired: 3 });
  });

  it('gives the record of a call', () => {
    const { tracker } = track();
    const before = Date.now();
    const record = tracker.record({ ...cents(5), outputTokens: 100 });
    expect(record).toMatchObject({
      endpoint: 'unknown',
      model: 'house-model',
      provider: 'openai',
      inputTokens: 25_000,
      outputTokens: 100,
      costUsd: 0.0508,
      costStatus: 'priced',
    });
    expect(record.timestamp.getTime()).toBeGreaterThanOrEqual(before);
    expect(tracker.records.filter(({ endpoint }) => endpoint === 'unknown')).toEqual([record]);
  });

  it('can be given another alert, by overriding one method', () => {
    const told: TrackedRecord[] = [];
    class Own extends BudgetTracker {
      protected override alert(record: TrackedRecord): void {
        told.push(record);
        super.alert(record);
      }
    }
    const lines: string[] = [];
    const own = new Own({ prices: PRICES, logger: { info: () => {}, warn: (line) => void lines.push(line) } });
    own.record({ ...cents(20), endpoint: '/own' });
    expect(told.map(({ endpoint }) => endpoint)).toEqual(['/own']);
    expect(lines).toEqual([expect.stringMatching(/^BUDGET ALERT \| endpoint=\/own /)]);
  });

  it('raises, where that was asked for, after it has counted and logged', () => {
    const { tracker, lines } = track({ mode: 'raise' });
    tracker.record(cents(10));
    const over = (): TrackedRecord => tracker.record({ ...cents(11), endpoint: '/x' });
    expect(over).toThrow(BudgetAlertError);
    expect(over).toThrow(
      'BUDGET ALERT | endpoint=/x model=house-model cost=$0.1100 tokens_in=55000 tokens_out=unknown',
    );
    expect(lines).toHaveLength(2);
    expect(tracker.summary()).toMatchObject({ total_requests: 3, alerts_fired: 2 });
    try {
      over();
    } catch (error) {
      expect((error as BudgetAlertError).record.costUsd).toBe(0.11);
    }
  });

  it('reads usage from the answers of OpenAI, Anthropic and Gemini', () => {
    const { tracker } = track();
    const openai = {
      model: 'gpt-4o-2024-08-06',
      usage: { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 },
    };
    const anthropic = { model: 'claude-sonnet-4-5-20250929', usage: { input_tokens: 1000, output_tokens: 100 } };
    const gemini = {
      modelVersion: 'gemini-2.5-flash',
      usageMetadata: {
        promptTokenCount: 1000,
        candidatesTokenCount: 60,
        thoughtsTokenCount: 40,
        totalTokenCount: 1100,
      },
    };
    const records = [openai, anthropic, gemini].map((response) => tracker.record({ response }));
    expect(
      records.map(({ provider, inputTokens, outputTokens, costStatus }) => [
        provider,
        inputTokens,
        outputTokens,
        costStatus,
      ]),
    ).toEqual([
      ['openai', 1000, 100, 'priced'],
      ['anthropic', 1000, 100, 'priced'],
      ['gcp.gemini', 1000, 100, 'priced'],
    ]);
    // USD per million: 2.5/10, 3/15, 0.3/2.5.
    expect(records.map(({ costUsd }) => costUsd)).toEqual([0.0035, 0.0045, 0.00055]);
  });

  it('loses a broken logger, and no call', () => {
    const broken = (): never => {
      throw new Error('disk full');
    };
    const tracker = new BudgetTracker({ prices: PRICES, logCalls: true, logger: { info: broken, warn: broken } });
    expect(tracker.record(cents(20)).costUsd).toBe(0.2);
    expect(tracker.summary().alerts_fired).toBe(1);
  });

  it('cannot be made to write a second line by a name', () => {
    const { tracker, lines } = track();
    tracker.record({ ...cents(20), endpoint: 'x\nBUDGET ALERT | endpoint=y' });
    expect(lines[0]?.split('\n')).toHaveLength(1);
  });
});

describe('defects of the guides that are none here', () => {
  it('4: an unknown model is never $0, and the policy is one’s own', () => {
    const { tracker, lines } = track();
    for (let call = 0; call < 3; call++) tracker.record({ model: 'no-such-model', inputTokens: 10, outputTokens: 10 });
    tracker.record(cents(1));
    expect(tracker.records[0]).toMatchObject({ costUsd: undefined, costStatus: 'unpriced' });
    expect(tracker.summary()).toEqual({
      total_requests: 4,
      total_cost_usd: 0.01,
      alerts_fired: 0,
      coverage: { priced: 1, free: 0, estimated: 0, unpriced: 3, usage_unknown: 0 },
    });
    expect(lines).toEqual([
      expect.stringMatching(/^WARN No price is known for model "no-such-model".*Add it to prices/),
    ]);
    const strict = track({ onUnknownModel: 'throw' }).tracker;
    expect(() => strict.record({ model: 'no-such-model', inputTokens: 1, outputTokens: 1 })).toThrow(UnknownModelError);
    expect(strict.summary().coverage.unpriced).toBe(1);
  });

  it.each([
    ['no usage', {}],
    ['negative usage', { inputTokens: -5, outputTokens: Number.NaN }],
    ['an answer without usage', { response: { model: 'house-model' } }],
    ['an answer that is none', { response: null }],
  ])('4: %s does not cost zero either', (_, call) => {
    const { tracker } = track();
    expect(tracker.record({ model: 'house-model', provider: 'openai', ...call })).toMatchObject({
      costUsd: undefined,
      costStatus: 'usage_unknown',
    });
  });

  it('7: the total of the summary is that of totalCost', () => {
    const { tracker } = track();
    tracker.record({ ...cents(0), inputTokens: 1910 });
    expect(tracker.totalCost()).toBe(0.00382);
    expect(tracker.summary().total_cost_usd).toBe(0.00382);
  });

  it('8: the line for each call is there, where it was asked for', () => {
    const { tracker, lines } = track({ logCalls: true });
    tracker.record({ ...cents(0), inputTokens: 1550, endpoint: '/search' });
    expect(lines).toEqual(['INFO Recording call: endpoint=/search model=house-model cost=$0.0031']);
  });

  it('13: memory is bounded, and totals are of all calls', () => {
    const { tracker } = track({ keep: 10 });
    for (let call = 1; call <= 1000; call++) tracker.record({ ...cents(1), endpoint: `/${call}` });
    expect(tracker.records.map(({ endpoint }) => endpoint)).toEqual(
      Array.from({ length: 10 }, (_, at) => `/${991 + at}`),
    );
    expect(tracker.summary()).toMatchObject({ total_requests: 1000, total_cost_usd: 10 });
    expect(track({ keep: 0 }).tracker.record(cents(1)).costUsd).toBe(0.01);
  });

  it('14: a sum of floats does not drift', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000_000), { maxLength: 300 }), (tokens) => {
        const { tracker } = track({ threshold: 1000 });
        for (const inputTokens of tokens) tracker.record({ ...cents(0), inputTokens });
        // USD 2 per million is 2 micro-dollars per token.
        const micro = tokens.reduce((sum, count) => sum + BigInt(count) * 2n, 0n);
        return tracker.totalCost() === Number(formatUsd(micro * 1_000_000n, 6));
      }),
      { numRuns: 50 },
    );
    expect(usdToPico(0.1)).toBe(100_000_000_000n);
  });

  it('18: a cached token costs what its model says', () => {
    const { tracker } = track();
    const usage = { input: 100_000, cacheRead: 100_000, output: 0 };
    const costs = [
      ['openai', 'gpt-4o', 0.125],
      ['openai', 'gpt-4.1', 0.05],
      ['anthropic', 'claude-sonnet-4-5', 0.03],
    ] as const;
    for (const [provider, model, usd] of costs) {
      expect(tracker.record({ provider, model, usage }).costUsd).toBe(usd);
    }
  });
});

describe('Slack', () => {
  let receiver: Receiver;
  afterEach(() => receiver?.close());

  async function slack(answer: Answer = OK): Promise<string> {
    receiver = await startReceiver(answer);
    return `${receiver.url}/services/s3cr3t`;
  }

  it('is told endpoint, model, cost, threshold and tokens, and the log too', async () => {
    const { tracker, lines } = track({ slack: { webhook: await slack() } });
    tracker.record({ ...cents(25), outputTokens: 3, endpoint: '/chat <!channel>' });
    const [message] = await receiver.until(1);
    const text = String(message?.body.text);
    expect(text.split('\n').slice(0, 5)).toEqual([
      ':rotating_light: *LLM budget alert*',
      '*Endpoint:* /chat &lt;!channel&gt;',
      '*Model:* house-model',
      '*Cost:* $0.2500 (threshold $0.1000 per call)',
      '*Tokens:* 125000 in / 3 out',
    ]);
    expect(lines).toHaveLength(1);
  });

  it('12: without a webhook is said once, and alerts are logged', () => {
    const { tracker, lines } = track({ slack: { webhook: undefined } });
    tracker.record(cents(25));
    tracker.record(cents(25));
    expect(lines.map((line) => line.slice(0, 30))).toEqual([
      'WARN no Slack webhook is set: ',
      'WARN BUDGET ALERT | endpoint=u',
      'WARN BUDGET ALERT | endpoint=u',
    ]);
  });

  it('10, 11: neither delays a call nor fails one, whatever becomes of it', async () => {
    const answers: Answer[] = [
      BLACK_HOLE,
      (response) => void response.writeHead(500).end(),
      (response) => void response.destroy(),
    ];
    for (const answer of answers) {
      const { tracker, lines } = track({ slack: { webhook: await slack(answer) } });
      tracker.record(cents(25));
      // Nothing was sent while the call was recorded.
      expect(receiver.received).toEqual([]);
      await tracker.flush();
      expect(lines[1]).toMatch(/^WARN alert not sent to slack: 127\.0\.0\.1:\d+ .*; it says: BUDGET ALERT \| /);
      expect(lines.join()).not.toContain('s3cr3t');
      await receiver.close();
    }
    await slack();
  });

  it('26: hears of an endpoint once at once, and of the rest in one message', async () => {
    const warnings: string[] = [];
    const way = new SlackWay(await slack(), (line) => warnings.push(line), { groupMs: 150, timeoutMs: 1000 });
    const call = (endpoint: string, costUsd: number): void => {
      const record: TrackedRecord = {
        ...{ timestamp: new Date(), endpoint, model: 'm', provider: 'openai', costUsd, costStatus: 'priced' },
        ...{ inputTokens: 1, outputTokens: 1 },
      };
      way.tell(record, { cost: usdToPico(costUsd), threshold: usdToPico(0.1) ?? 0n });
    };
    for (let at = 0; at < 500; at++) call('/loop', 0.2);
    call('/loop', 0.9);
    call('/other', 0.3);
    const messages = (await receiver.until(3)).map(({ body }) => String(body.text));
    expect(messages.filter((text) => text.includes('/other'))).toHaveLength(1);
    expect(messages[2]).toContain(': 500 more calls, the dearest of them');
    expect(messages[2]).toContain('$0.9000');
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(receiver.received).toHaveLength(3);
    expect(warnings).toEqual([]);
  });
});
