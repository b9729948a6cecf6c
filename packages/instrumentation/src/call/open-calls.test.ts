import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OpenCalls, type Placed } from './open-calls.ts';

test('holds what a set holds, whatever comes and goes', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ which: fc.nat(9), add: fc.boolean() }), { maxLength: 60 }), (steps) => {
      const calls = Array.from({ length: 10 }, (): Placed => ({ place: -1 }));
      const [open, set] = [new OpenCalls<Placed>(), new Set<Placed>()];
      for (const { which, add } of steps) {
        const call = calls[which] as Placed;
        if (!add) {
          open.delete(call);
          set.delete(call);
        } else if (!set.has(call)) {
          open.add(call);
          set.add(call);
        }
        expect(open.size).toBe(set.size);
        expect(new Set(open)).toEqual(set);
      }
    }),
  );
});

test('gives each call that was open, also where each ends when it comes', () => {
  const calls = Array.from({ length: 5 }, (): Placed => ({ place: -1 }));
  const open = new OpenCalls<Placed>();
  for (const call of calls) open.add(call);
  const given: Placed[] = [];
  for (const call of open) {
    given.push(call);
    open.delete(call);
  }
  expect(given).toEqual(calls);
  expect(open.size).toBe(0);
});
