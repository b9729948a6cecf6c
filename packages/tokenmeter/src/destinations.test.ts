import { describe, expect, it } from 'vitest';
import { decideLedger } from './destinations.ts';

describe('the ledger', () => {
  it.each([
    [undefined, false, false, true],
    [undefined, true, false, false],
    [undefined, true, true, false],
    [undefined, false, true, true],
    [true, true, true, true],
    [false, false, false, false],
  ])('override %s, metrics leave %s, asked for %s: on %s', (override, leave, asked, on) => {
    expect(decideLedger(override, leave, asked).on).toBe(on);
  });

  it('says when it stands in for metrics that did not start', () => {
    expect(decideLedger(undefined, false, true).why).not.toBe(decideLedger(undefined, false, false).why);
  });
});
