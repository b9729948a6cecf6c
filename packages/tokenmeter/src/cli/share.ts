/** Shares that add up: each amount's part of the sum, in tenths of a percent, by the largest remainder. */

const TENTHS = 1000n;

/**
 * Tenths of a percent per amount; they add up to 1000. All undefined when the sum is 0, and undefined for an amount that is
 * not known. Amounts must not be negative.
 */
export function shares(amounts: readonly (bigint | undefined)[]): (number | undefined)[] {
  const sum = amounts.reduce<bigint>((total, amount) => total + (amount ?? 0n), 0n);
  if (sum === 0n) return amounts.map(() => undefined);
  const parts = amounts.map((amount) => (amount === undefined ? undefined : Number((amount * TENTHS) / sum)));
  let missing = Number(TENTHS) - parts.reduce<number>((total, part) => total + (part ?? 0), 0);
  const byRemainder = amounts
    .map((amount, index) => ({ index, remainder: amount === undefined ? -1n : (amount * TENTHS) % sum }))
    .sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1));
  for (const { index } of byRemainder) {
    if (missing === 0) break;
    parts[index] = (parts[index] ?? 0) + 1;
    missing -= 1;
  }
  return parts;
}

/** `28.5` for 285 tenths. */
export function shareText(tenths: number): string {
  return (tenths / 10).toFixed(1);
}
