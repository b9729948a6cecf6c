import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Account } from '../evaluate/account.ts';
import { budgets, MINUTE, NOON } from '../testing.ts';
import { COUNT_AT, gridOf } from './cells.ts';

it('a rolling window never counts less than the true one, and never more than a sixtieth too long', () => {
  const gap = fc.integer({ min: 0, max: 2 * MINUTE });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(gap, fc.integer({ min: 1, max: 9 })), { maxLength: 80 }),
      fc.constantFrom('1m', '7s', '5m'),
      (calls, per) => {
        const [budget] = budgets({ per, calls: 5 });
        if (budget?.window.kind !== 'rolling') throw new Error('not rolling');
        const { milliseconds } = budget.window;
        const account = new Account(budget, gridOf(budget.window), 'key', undefined, undefined, NOON);
        const seen: { at: number; quantity: number }[] = [];
        let now = NOON;
        for (const [pause, quantity] of calls) {
          now += pause;
          account.advance(now, () => {});
          account.book(now, quantity, COUNT_AT.priced);
          seen.push({ at: now, quantity });
          const within = (length: number): number =>
            seen.reduce((sum, { at, quantity: one }) => (at > now - length ? sum + one : sum), 0);
          expect(account.spent).toBeGreaterThanOrEqual(within(milliseconds));
          expect(account.spent).toBeLessThanOrEqual(within(milliseconds + milliseconds / 60 + 1));
          expect(account.totals()[0]).toBe(account.spent);
        }
        const back = account.backAt(0, now);
        account.advance((back ?? 0) - 1, () => {});
        if (account.spent > 0) account.advance(back ?? 0, () => {});
        expect(account.spent).toBe(0);
      },
    ),
  );
});
