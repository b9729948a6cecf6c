/** The error with which the SDK's own promise rejects when a budget refuses a call. */
import { type Budget, quantityText, shareText } from '../budget.ts';

export interface Refusal {
  readonly budget: Budget;
  readonly environment?: string;
  /** The value of `each`. */
  readonly value?: string;
  /** In the budget's quantity: spent so far, held for calls under way, and asked for by this call. */
  readonly spent: number;
  readonly held: number;
  readonly asked: number;
  /** When the window resets, Unix milliseconds; absent for a call and a request. */
  readonly resetsAt?: number;
  readonly reason: 'amount' | 'unpriced' | 'store';
  readonly model?: string;
}

/**
 * A budget refused the call before its request was sent: there was no HTTP attempt, and the SDK does not retry. Amounts
 * are in the unit of the budget: USD, tokens or calls.
 */
export class BudgetExceededError extends Error {
  /** Both builds of this package may be loaded: an error of either is an instance of both. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && Reflect.get(value, 'name') === 'BudgetExceededError';
  }

  override readonly name: string = 'BudgetExceededError';
  /** Name of the budget. */
  readonly budget: string;
  /** Its window, as configured. */
  readonly window: string;
  readonly environment: string | undefined;
  /** For a budget of `each: <key>`: whose. */
  readonly scope: { readonly key: string; readonly value: string } | undefined;
  readonly unit: 'USD' | 'tokens' | 'calls';
  readonly amount: number;
  readonly spent: number;
  /** Held for calls that are under way. */
  readonly held: number;
  /** What this call might have come to; 0 where the budget only checks what is spent. */
  readonly asked: number;
  /** When the window resets; absent for a budget per call or per request. */
  readonly resetsAt: Date | undefined;

  constructor(refusal: Refusal) {
    super(messageOf(refusal));
    const { budget, value, resetsAt } = refusal;
    const scale = budget.measure === 'usd' ? 1e9 : 1;
    this.budget = budget.name;
    this.window = budget.window.label;
    this.environment = refusal.environment;
    this.scope = budget.each !== undefined && value !== undefined ? { key: budget.each, value } : undefined;
    this.unit = budget.measure === 'usd' ? 'USD' : budget.measure === 'tokens' ? 'tokens' : 'calls';
    this.amount = budget.amount / scale;
    this.spent = refusal.spent / scale;
    this.held = refusal.held / scale;
    this.asked = refusal.asked / scale;
    this.resetsAt = resetsAt === undefined ? undefined : new Date(resetsAt);
  }
}

function messageOf({ budget, environment, value, spent, held, asked, resetsAt, reason, model }: Refusal): string {
  const text = (quantity: number): string => quantityText(budget.measure, quantity);
  const whose = budget.each !== undefined && value !== undefined ? ` of ${budget.each} ${value}` : '';
  const where = environment === undefined ? '' : ` in ${environment}`;
  const name = `Budget "${budget.name}"${whose}${where}`;
  if (reason === 'unpriced') {
    return `${name} refused the call: the price of model "${model}" is not known. Add it to prices in tokenmeter.yaml, or set onUnpriced: warn.`;
  }
  if (reason === 'store') {
    return `${name} refused the call: its store did not answer. Set onStoreDown: allow to go on without it.`;
  }
  const sums = [`${shareText(budget.measure, spent, budget.amount)} spent`];
  if (held > 0) sums.push(`${text(held)} held by calls under way`);
  if (asked > 0) sums.push(`this call may need ${text(asked)}`);
  const resets =
    asked > budget.amount
      ? ' That is more than all of it: lower max_tokens, or make the prompt shorter.'
      : resetsAt === undefined
        ? ''
        : ` It resets at ${resetText(budget, resetsAt)}.`;
  return (
    `${name} refused the call: ${sums.join(', ')} (per ${budget.window.label}).${resets}` +
    ' To lift it, raise its amount in tokenmeter.yaml and restart, or set TOKENMETER_BUDGETS=off.'
  );
}

/** Local time with its offset, and UTC. */
function resetText({ window }: Budget, at: number): string {
  const utc = `${new Date(at).toISOString().slice(0, 19)}Z`;
  if (window.kind !== 'calendar' || window.timezone === 'UTC') return utc;
  const local = new Intl.DateTimeFormat('sv-SE', { timeZone: window.timezone, dateStyle: 'short', timeStyle: 'short' });
  return `${local.format(at)} ${window.timezone} (${utc})`;
}
