/** How much of a budget a call uses up. */
import type { CallRecord } from '@tokenmeter/ledger';
import { type Measure, nanoOf } from '../budget.ts';

/** What a call adds to a budget, by what that measures. */
export type Quantities = Readonly<Record<Measure, number>>;

/** Unknown cost adds nothing: the coverage says how many there were. */
export function quantitiesOf({ cost, usage }: CallRecord): Quantities {
  return {
    usd: cost.pico === undefined ? 0 : nanoOf(cost.pico),
    tokens: (usage?.input ?? 0) + (usage?.output ?? 0),
    calls: 1,
    turns: 1,
  };
}
