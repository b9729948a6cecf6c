/** What the alerts are told when a threshold is crossed, or a window ends after one was. */
import type { CallRecord } from '@tokenmeter/ledger';
import { COST_STATUSES } from '@tokenmeter/pricing';
import type { BudgetEdge, BudgetIdentity, Contributor, EdgeCoverage, EdgeState, EdgeWindow } from '../alerts/types.ts';
import { type Budget, edgeQuantity, quantityAt, unitOf } from '../budget.ts';
import { readerOf } from '../scope.ts';
import type { Totals } from '../windows/cells.ts';
import { type Account, crossedBy, type PastWindow } from './account.ts';

export interface EdgeFacts {
  readonly store: string;
  readonly now: number;
  readonly top: readonly Contributor[];
  readonly record?: CallRecord;
}

/** Of an account. `crossed`: the thresholds that this edge is about; the highest one gives its name. */
export function accountEdge(
  account: Account,
  state: EdgeState | undefined,
  crossed: readonly number[],
  { store, now, top, record }: EdgeFacts,
): BudgetEdge {
  const { budget } = account;
  const threshold = Math.max(...crossed);
  const totals = account.totals();
  const { window } = budget;
  const live = account.grid.live(now);
  const edgeWindow: EdgeWindow =
    window.kind === 'request'
      ? { kind: 'request', start: record?.startTime ?? now }
      : {
          kind: window.kind,
          start: live.start,
          end: window.kind === 'calendar' ? account.until : lastEnd(account),
          resetsAt: account.backAt(quantityAt(budget.amount, Math.min(...budget.thresholds)), now),
          timezone: window.kind === 'calendar' ? window.timezone : undefined,
        };
  return {
    ...common(budget, threshold, record),
    state: state ?? stateOf(threshold),
    crossed,
    identity: identityOf(budget, account.environment, account.value, store),
    spent: edgeQuantity(budget.measure, account.spent),
    coverage: coverageOf(totals),
    window: edgeWindow,
    at: now,
    top,
  };
}

/** Of a window that was over when a call of it ended, and crossed the thresholds. */
export function pastEdge(
  account: Account,
  { start, end, totals }: PastWindow,
  crossed: readonly number[],
  { store, now, top, record }: EdgeFacts,
): BudgetEdge {
  const { budget, environment, value } = account;
  const { window } = budget;
  const threshold = Math.max(...crossed);
  return {
    ...common(budget, threshold, record),
    state: stateOf(threshold),
    crossed,
    identity: identityOf(budget, environment, value, store),
    spent: edgeQuantity(budget.measure, totals[0] as number),
    coverage: coverageOf(totals),
    window: {
      kind: window.kind,
      start,
      end,
      resetsAt: end,
      timezone: window.kind === 'calendar' ? window.timezone : undefined,
    },
    at: now,
    top,
  };
}

/** Of a single call that crosses thresholds of a budget per call; undefined for one that does not, or is not its business. */
export function callEdge(
  budget: Budget,
  record: CallRecord,
  quantity: number,
  { store, now }: Pick<EdgeFacts, 'store' | 'now'>,
): BudgetEdge | undefined {
  const [lowest] = budget.thresholds;
  if (lowest === undefined || quantity <= quantityAt(budget.amount, lowest)) return undefined;
  const value = budget.each === undefined ? undefined : readerOf(budget.each)(record);
  if (budget.each !== undefined && value === undefined) return undefined;
  const crossed = crossedBy(budget, quantity);
  const threshold = Math.max(...crossed);
  const { feature, route, tenant } = record.attribution;
  const spent = edgeQuantity(budget.measure, quantity);
  return {
    ...common(budget, threshold, record),
    state: stateOf(threshold),
    crossed,
    identity: identityOf(budget, record.attribution.environment, value, store),
    spent,
    coverage: { [record.cost.status]: 1 },
    window: { kind: 'call', start: record.startTime },
    at: now,
    top: [{ feature, model: record.requestModel ?? record.responseModel ?? record.provider, route, tenant, spent }],
  };
}

/** Feature and team where the budget is of one only. */
export function identityOf(
  budget: Budget,
  environment: string | undefined,
  value: string | undefined,
  store: string,
): BudgetIdentity {
  const { name, each, match, team, window } = budget;
  const scope = each === undefined || value === undefined ? undefined : { key: each, value };
  const of = (key: string): string | undefined => {
    if (each === key) return value;
    const [only, second] = match[key] ?? [];
    return second === undefined && !only?.endsWith('*') ? only : undefined;
  };
  return {
    budget: name,
    environment,
    window: window.label,
    scope,
    feature: of('feature'),
    team: team ?? of('team'),
    store,
  };
}

export function coverageOf(totals: Totals): EdgeCoverage {
  return Object.fromEntries(
    COST_STATUSES.map((status, index) => [status, totals[index + 1] as number] as const).filter(
      ([, count]) => count > 0,
    ),
  );
}

type Common = Pick<
  BudgetEdge,
  'threshold' | 'unit' | 'amount' | 'owner' | 'traceId' | 'spanId' | 'blocks' | 'note' | 'actions' | 'renotifyMs'
>;

function common(budget: Budget, threshold: number, record: CallRecord | undefined): Common {
  return {
    threshold,
    unit: unitOf(budget.measure),
    amount: edgeQuantity(budget.measure, budget.amount),
    owner: budget.owner,
    traceId: record?.traceId,
    spanId: record?.spanId,
    blocks: budget.enforce === 'observe' ? undefined : true,
    note:
      budget.measure === 'turns'
        ? 'Calls in a row of one request, each with the prompt and the answer before it in its own prompt: an agent that may be running away.'
        : undefined,
    actions: budget.actions,
    renotifyMs: budget.renotifyMs,
  };
}

function stateOf(threshold: number): EdgeState {
  return threshold >= 1 ? 'OVER' : 'WARN';
}

/** When the latest call that counts now has left a rolling window. */
function lastEnd(account: Account): number | undefined {
  let last: number | undefined;
  for (const { end } of account.cells.values()) if (last === undefined || end > last) last = end;
  return last;
}
