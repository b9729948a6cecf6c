/** The latest calls of this process, to say who spent most when a threshold is crossed. Costs one assignment per call. */
import type { CallRecord } from '@tokenmeter/ledger';
import type { Contributor } from '../alerts/types.ts';
import { edgeQuantity } from '../budget.ts';
import { readerOf, testOf } from '../scope.ts';
import type { Period } from '../windows/calendar.ts';
import type { Account } from './account.ts';
import { quantitiesOf } from './quantities.ts';

const MOST_CALLS = 512;
const MOST_CONTRIBUTORS = 3;

export class RecentCalls {
  readonly #calls: CallRecord[] = [];
  #next = 0;

  add(record: CallRecord): void {
    this.#calls[this.#next] = record;
    this.#next = (this.#next + 1) % MOST_CALLS;
  }

  /** The dearest combinations of feature, model, route and tenant among the latest calls of one window of the account. */
  top(account: Account, { start, end }: Period): Contributor[] {
    const { budget, environment, value } = account;
    const fits = testOf(budget.match);
    const read = budget.each === undefined ? undefined : readerOf(budget.each);
    const sums = new Map<string, { call: CallRecord; spent: number }>();
    for (const call of this.#calls) {
      if (call.startTime < start || call.startTime >= end || call.attribution.environment !== environment) continue;
      if (!fits(call) || (read && read(call) !== value)) continue;
      const { feature, route, tenant } = call.attribution;
      const id = JSON.stringify([feature, modelOf(call), route, tenant]);
      const spent = quantitiesOf(call)[budget.measure];
      const sum = sums.get(id);
      if (sum) sum.spent += spent;
      else sums.set(id, { call, spent });
    }
    return [...sums.values()]
      .sort((a, b) => b.spent - a.spent)
      .slice(0, MOST_CONTRIBUTORS)
      .filter(({ spent }) => spent > 0)
      .map(({ call, spent }) => ({
        feature: call.attribution.feature,
        model: modelOf(call),
        route: call.attribution.route,
        tenant: call.attribution.tenant,
        spent: edgeQuantity(budget.measure, spent),
      }));
  }
}

function modelOf({ provider, requestModel, responseModel }: CallRecord): string {
  return requestModel ?? responseModel ?? provider;
}
