/** What Redis answers, as the state needs it. */
import { noTotals, type Totals } from '../../windows/cells.ts';

/** A hash of Redis, in either protocol. */
export function* pairs(answer: unknown): Generator<[field: string, value: string]> {
  if (Array.isArray(answer)) {
    for (let index = 0; index + 1 < answer.length; index += 2) yield [String(answer[index]), String(answer[index + 1])];
  } else if (typeof answer === 'object' && answer !== null) {
    for (const [field, value] of Object.entries(answer)) yield [field, String(value)];
  }
}

/** What an account's hash says is spent, by slot. */
export function totalsIn(hash: unknown): Map<number, Totals> {
  const totals = new Map<number, Totals>();
  for (const [field, value] of pairs(hash)) {
    const [slot = '', status = '0'] = field.split(':');
    if (!/^\d+$/.test(slot)) continue;
    const sum = totals.get(Number(slot)) ?? noTotals();
    sum[Number(status)] = Number(value);
    totals.set(Number(slot), sum);
  }
  return totals;
}

/** What an account's hash says is held. */
export function heldIn(hash: unknown): number {
  for (const [field, value] of pairs(hash)) if (field === 'held') return Number(value);
  return 0;
}
