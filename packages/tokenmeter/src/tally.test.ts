import type { CallRecord } from '@tokenmeter/ledger';
import { COST_STATUSES, type CostStatus } from '@tokenmeter/pricing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTally, mergeTallies } from './tally.ts';

interface Sample {
  readonly feature: string;
  readonly status: CostStatus;
  readonly pico: bigint;
  readonly input: number;
}

const sample: fc.Arbitrary<Sample> = fc.record({
  feature: fc.oneof(fc.constantFrom('untagged', 'search'), fc.string({ minLength: 1 })),
  status: fc.constantFrom(...COST_STATUSES),
  pico: fc.bigInt({ min: 0n, max: 10n ** 24n }),
  input: fc.nat(),
});

function call({ feature, status, pico, input }: Sample): CallRecord {
  const known = status !== 'unpriced' && status !== 'usage_unknown';
  return {
    attribution: { feature },
    provider: 'openai',
    requestModel: 'gpt-4o',
    callSite: 'app.ts:1',
    usage: { input },
    cost: { status, version: '1', flags: [], ...(known ? { pico } : {}) },
  } as unknown as CallRecord;
}

describe('tally', () => {
  it('loses no call and no pico-dollar, over any split into processes that travels as JSON', () => {
    fc.assert(
      fc.property(fc.array(fc.array(sample, { maxLength: 40 }), { maxLength: 4 }), (processes) => {
        const snapshots = processes.map((samples) => {
          const tally = createTally();
          for (const one of samples) tally.add(call(one));
          return JSON.parse(JSON.stringify(tally.snapshot())) as ReturnType<typeof tally.snapshot>;
        });
        const { features, unpriced, untagged } = mergeTallies(snapshots);
        const all = processes.flat();
        const known = all.filter(({ status }) => status !== 'unpriced' && status !== 'usage_unknown');
        expect(features.reduce((sum, row) => sum + row.calls, 0)).toBe(all.length);
        expect(features.reduce((sum, row) => sum + BigInt(row.pico), 0n)).toBe(
          known.reduce((sum, { pico }) => sum + pico, 0n),
        );
        expect(features.reduce((sum, row) => sum + row.input, 0)).toBe(all.reduce((sum, { input }) => sum + input, 0));
        const statuses = features.flatMap((row) => Object.values(row.statuses));
        expect(statuses.reduce((sum, calls) => sum + calls, 0)).toBe(all.length);
        expect(Object.values(unpriced).reduce((sum, calls) => sum + calls, 0)).toBe(
          all.filter(({ status }) => status === 'unpriced').length,
        );
        expect(untagged['app.ts:1'] ?? 0).toBe(all.filter(({ feature }) => feature === 'untagged').length);
      }),
    );
  });

  it('stays bounded, by adding what is too much to _other', () => {
    const tally = createTally();
    for (let n = 0; n < 1000; n += 1) tally.add(call({ feature: `f${n}`, status: 'priced', pico: 1n, input: 1 }));
    const { features } = tally.snapshot();
    expect(features.length).toBeLessThanOrEqual(201);
    expect(features.find(({ feature }) => feature === '_other')?.calls).toBe(800);
  });
});
