import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shares } from './share.ts';

describe('shares', () => {
  it('add up to 100.0 % of what is known, each within a tenth of its own', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.bigInt({ min: 0n, max: 10n ** 18n }), { nil: undefined })), (amounts) => {
        const parts = shares(amounts);
        const known = amounts.filter((amount) => amount !== undefined);
        const sum = known.reduce((total, amount) => total + amount, 0n);
        if (sum === 0n) return parts.every((part) => part === undefined);
        expect(parts.reduce<number>((total, part) => total + (part ?? 0), 0)).toBe(1000);
        for (const [index, amount] of amounts.entries()) {
          const part = parts[index];
          expect(part === undefined).toBe(amount === undefined);
          if (amount === undefined || part === undefined) continue;
          expect(Math.abs(part - (Number(amount) / Number(sum)) * 1000)).toBeLessThan(1.000001);
        }
        return true;
      }),
    );
  });
});
