import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallRecord } from '../record.ts';
import { aCall, anyCall } from '../records.fixture.ts';
import { createLedgerWriter } from '../store/writer.ts';
import { Accumulator, summarise } from './accumulator.ts';
import { GROUP_KEYS, keyReader } from './keys.ts';
import { summariseLedger } from './ledger.ts';

const keys = fc.subarray([...GROUP_KEYS, 'plan'], { maxLength: 3 });

function numbered(calls: readonly CallRecord[]): CallRecord[] {
  return calls.map((call, index) => ({ ...call, spanId: (index + 1).toString(16).padStart(16, '0') }));
}

describe('sums', () => {
  it('lose not one pico-USD and not one call, however they are grouped', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyCall), keys, async (calls, by) => {
        const { groups, total } = await summarise(calls, { by });
        const cost = calls.reduce((sum, call) => sum + (call.cost.pico ?? 0n), 0n);
        expect(total.cost).toBe(cost);
        expect(groups.reduce((sum, group) => sum + group.cost, 0n)).toBe(cost);
        expect(groups.reduce((sum, group) => sum + group.calls, 0)).toBe(calls.length);
        for (const { calls: count, byStatus } of [...groups, total]) {
          expect(Object.values(byStatus).reduce((sum, value) => sum + value, 0)).toBe(count);
        }
        for (let index = 1; index < groups.length; index++) {
          expect(groups[index - 1]?.cost).toBeGreaterThanOrEqual(groups[index]?.cost as bigint);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('of parts, merged, are the sums of the whole', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyCall), fc.array(anyCall), keys, async (some, others, by) => {
        const [first, second] = [new Accumulator({ by }), new Accumulator({ by })];
        for (const call of some) first.add(call);
        for (const call of others) second.add(call);
        first.merge(second);
        expect(first.summary()).toEqual(await summarise([...some, ...others], { by }));
      }),
      { numRuns: 50 },
    );
  });

  it('over a ledger are those over its calls, though fewer attributes are read', async () => {
    const calls = numbered(fc.sample(anyCall, { numRuns: 150, seed: 7 }));
    const dir = mkdtempSync(join(tmpdir(), 'sums-'));
    const writer = createLedgerWriter({ dir, resource: {}, now: () => 4e12 });
    for (const call of calls) writer.write(call);
    writer.close();
    for (const by of [...GROUP_KEYS.map((key) => [key]), ['feature', 'model', 'day']]) {
      expect(await summariseLedger({ dir, by })).toEqual(await summarise(calls, { by }));
    }
    rmSync(dir, { recursive: true });
  });
});

describe('keys', () => {
  it.each([
    ['day', 'UTC', '2026-10-24T22:30:00Z', '2026-10-24'],
    ['day', 'Europe/Berlin', '2026-10-24T22:30:00Z', '2026-10-25'],
    ['hour', undefined, '2026-10-25T00:59:00Z', '2026-10-25T00:00+00:00'],
    // The hour from two to three comes twice on this day.
    ['hour', 'Europe/Berlin', '2026-10-25T00:30:00Z', '2026-10-25T02:00+02:00'],
    ['hour', 'Europe/Berlin', '2026-10-25T01:30:00Z', '2026-10-25T02:00+01:00'],
    ['hour', 'Asia/Kathmandu', '2026-10-25T00:20:00Z', '2026-10-25T06:00+05:45'],
  ])('%s in %s of %s is %s', (key, zone, time, expected) => {
    expect(keyReader(key, zone)(aCall({ startTime: Date.parse(time) }))).toBe(expected);
  });

  it('take the billed model, the request or else the trace, and keys of the app’s own', () => {
    const call = aCall({ requestModel: 'a', responseModel: 'b', attribution: { extra: { plan: 'pro' } } });
    expect(keyReader('model')(call)).toBe('b');
    expect(keyReader('request')(call)).toBe(call.traceId);
    expect(keyReader('request')(aCall({ attribution: { request: 'r1' } }))).toBe('r1');
    expect(keyReader('plan')(call)).toBe('pro');
    expect(keyReader('tenant')(call)).toBeUndefined();
    expect(() => keyReader('day', 'Mars/Base')).toThrow(RangeError);
  });
});
