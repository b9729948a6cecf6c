/**
 * Before a call: may it go, and what is held for it.
 *
 * - `check` refuses it once the amount is spent.
 * - `reserve` refuses it if spent, held and what it may need pass the amount; otherwise that is held until it has ended.
 * - A free or local model passes every USD budget. A model without a known price passes as `onUnpriced` says.
 *
 * All budgets that match must let it pass; only then anything is held.
 */
import { context, trace } from '@opentelemetry/api';
import type { CallRecord } from '@tokenmeter/ledger';
import type { Pricer } from '@tokenmeter/pricing';
import type { Budget } from '../budget.ts';
import type { Engine } from '../engine.ts';
import type { Tracker } from '../evaluate/tracker.ts';
import { readerOf } from '../scope.ts';
import type { Ask, Held, SharedState } from '../store/state.ts';
import { BudgetExceededError, type Refusal } from './error.ts';
import { type AdmissionRequest, type Estimate, Estimator, type OutputHold } from './estimate.ts';

/** What a downgrade is asked about. */
export interface DowngradeRequest {
  readonly model: string;
  readonly provider: string;
  readonly feature: string;
  /** Name of the budget that would refuse the call, or is past a threshold. */
  readonly budget: string;
  /** Share of the amount that is spent or held; more than 1 where it is over. */
  readonly share: number;
  /** Without another model the call is refused. */
  readonly refused: boolean;
}

/** The model to use instead; undefined leaves things as they are. A throw counts as undefined. */
export type Downgrade = (request: DowngradeRequest) => string | undefined;

export interface Permit {
  /** Another model than the request's. */
  readonly model?: string;
  /** Settles when a shared store has decided, at most 50 ms later: the error with which the call is refused, or undefined. */
  readonly pending?: Promise<BudgetExceededError | undefined>;
  /** The call has ended, or (without a record) was refused in the end. Before the record is booked. */
  end?(record: CallRecord | undefined): void;
}

export interface AdmissionOptions {
  readonly engine: Engine;
  readonly pricer: Pricer;
  readonly now?: () => number;
  readonly downgrade?: () => Downgrade | undefined;
  /** Told of each refusal, in the context of the call. Must not throw. */
  readonly onBlocked?: (refusal: Refusal) => void;
  readonly onWarning?: (message: string) => void;
}

/** Undefined where no budget enforces anything: then no call is asked about. */
export function createAdmission(options: AdmissionOptions): Gate | undefined {
  const trackers = options.engine.trackers.filter(({ budget }) => budget.enforce !== 'observe');
  return trackers.length === 0 ? undefined : new Gate(options, trackers);
}

export class Gate {
  readonly #options: AdmissionOptions;
  readonly #trackers: readonly Tracker[];
  readonly #now: () => number;
  readonly #heldOf = new WeakMap<CallRecord, Held>();
  readonly estimator: Estimator;

  constructor(options: AdmissionOptions, trackers: readonly Tracker[]) {
    this.#options = options;
    this.#trackers = trackers;
    this.#now = options.now ?? Date.now;
    this.estimator = new Estimator(options.pricer);
  }

  /** The error with which the call is refused, or what to do when it has ended. Undefined: it may go. */
  admit(request: AdmissionRequest): BudgetExceededError | Permit | undefined {
    const matching = this.#trackers.filter(({ test }) => test(request));
    if (matching.length === 0) return undefined;
    const traceId = trace.getSpanContext(context.active())?.traceId;
    const first = this.#weigh(request, matching, request.requestModel, traceId);
    const model = this.#downgraded(request, first);
    const found = model === undefined ? first : this.#weigh(request, matching, model, traceId);
    if (found.refusal) return this.#refused(found.refusal);
    if (found.asks.length === 0) return model === undefined ? undefined : { model };
    const { asks } = found;
    for (const { account, asked } of asks) account.held += asked;
    const { shared } = this.#options.engine;
    let held: Held | undefined;
    let ended = false;
    return {
      model,
      pending: shared && this.#decide(shared, found, matching, request, (taken) => (held = taken)),
      end: (record) => {
        if (ended) return;
        ended = true;
        for (const { account, asked } of asks) account.held = Math.max(0, account.held - asked);
        if (record && held) this.#heldOf.set(record, held);
      },
    };
  }

  /** What a shared store holds for a call: it is settled with its record. */
  heldOf(record: CallRecord): Held | undefined {
    return this.#heldOf.get(record);
  }

  async #decide(
    shared: SharedState,
    { asks }: Weighed,
    trackers: readonly Tracker[],
    request: AdmissionRequest,
    onHeld: (held: Held) => void,
  ): Promise<BudgetExceededError | undefined> {
    const { refused, inFlight = 0, held, down } = await shared.admit(asks);
    if (held) onHeld(held);
    const { environment } = request.attribution;
    const facts = { environment, model: request.requestModel, held: inFlight, asked: 0 };
    if (refused) {
      const { budget, value, spent } = refused;
      const asked = asks.find(({ account }) => account === refused)?.asked ?? 0;
      const resetsAt = refused.backAt(roomAt(budget, inFlight, asked), this.#now());
      return this.#refused({ ...facts, budget, value, spent, asked, resetsAt, reason: 'amount' });
    }
    const strict = down && trackers.find(({ budget }) => budget.onStoreDown === 'block')?.budget;
    return strict ? this.#refused({ ...facts, budget: strict, spent: 0, reason: 'store' }) : undefined;
  }

  #refused(refusal: Refusal): BudgetExceededError {
    this.#options.onBlocked?.(refusal);
    return new BudgetExceededError(refusal);
  }

  #weigh(
    request: AdmissionRequest,
    trackers: readonly Tracker[],
    model: string | undefined,
    traceId: string | undefined,
  ): Weighed {
    const now = this.#now();
    const estimates = new Map<OutputHold, Estimate>();
    const asks: Ask[] = [];
    const isShared = this.#options.engine.shared?.isUp === true;
    let tense: Weighed['tense'];
    for (const tracker of trackers) {
      const { budget } = tracker;
      const estimate = (): Estimate => {
        // `check` looks at the prompt alone: how much will be written is not known yet.
        const hold = budget.enforce === 'reserve' ? budget.hold : 'none';
        const known = estimates.get(hold) ?? this.estimator.estimate(request, hold, model);
        estimates.set(hold, known);
        return known;
      };
      const isSingle = budget.window.kind === 'call';
      const account = isSingle ? undefined : tracker.accountOf(request, request.attribution.request ?? traceId, now);
      // A call that belongs to no request, or has no value of the key, has nothing to be compared with.
      if (account === undefined && !isSingle) continue;
      const facts = {
        budget,
        environment: request.attribution.environment,
        value: budget.each === undefined ? undefined : readerOf(budget.each)(request),
        spent: account?.spent ?? 0,
        // A store that answers knows what is held by all; here it is known of this process alone.
        held: isShared ? 0 : (account?.held ?? 0),
        model,
      };
      const isAsking = looksAhead(budget);
      const isSpent = facts.spent >= budget.amount;
      if (budget.measure === 'usd' && (isAsking || isSpent || budget.onUnpriced === 'block')) {
        const { status } = estimate();
        if (status === 'free') continue;
        if (status === 'unpriced' || status === 'usage_unknown') {
          if (budget.onUnpriced === 'block') return { asks, refusal: { ...facts, asked: 0, reason: 'unpriced' } };
          continue;
        }
      }
      const asked = isAsking ? quantityOf(budget, estimate()) : 0;
      const { spent, held } = facts;
      const refused = isAsking ? spent + held + asked > budget.amount : isSpent;
      const resetsAt = account?.backAt(roomAt(budget, held, asked), now);
      if (refused) return { asks, refusal: { ...facts, asked, resetsAt, reason: 'amount' } };
      const share = (spent + held) / budget.amount;
      if (share > (budget.thresholds[0] ?? 1) && share > (tense?.share ?? 0)) tense = { budget, share };
      if (account !== undefined && (asked > 0 || this.#options.engine.shared)) asks.push({ account, asked });
    }
    return { asks, tense };
  }

  #downgraded(request: AdmissionRequest, { refusal, tense }: Weighed): string | undefined {
    const downgrade = this.#options.downgrade?.();
    const budget = refusal?.budget ?? tense?.budget;
    if (downgrade === undefined || budget === undefined || request.requestModel === undefined) return undefined;
    const share = refusal === undefined ? tense?.share : (refusal.spent + refusal.held + refusal.asked) / budget.amount;
    try {
      const model = downgrade({
        model: request.requestModel,
        provider: request.provider,
        feature: request.attribution.feature,
        budget: budget.name,
        share: share ?? 0,
        refused: refusal !== undefined,
      });
      return typeof model === 'string' && model !== '' && model !== request.requestModel ? model : undefined;
    } catch (error) {
      this.#options.onWarning?.(`downgrade threw, and the call keeps its model: ${error}`);
      return undefined;
    }
  }
}

interface Weighed {
  readonly asks: readonly Ask[];
  readonly refusal?: Refusal;
  /** The budget that is nearest to its amount, of those past a threshold. */
  readonly tense?: { readonly budget: Budget; readonly share: number };
}

/** What may be spent so that the call has room: below the amount where it asks for nothing. */
function roomAt({ amount }: Budget, held: number, asked: number): number {
  return Math.max(0, asked > 0 ? amount - held - asked : amount - 1);
}

/** Whether a budget asks what a call may need: to hold it, or because the call is all there is. */
function looksAhead({ enforce, window }: Budget): boolean {
  return enforce === 'reserve' || window.kind === 'call';
}

function quantityOf({ measure }: Budget, { input, output, nano }: Estimate): number {
  if (measure === 'usd') return nano;
  return measure === 'tokens' ? input + output : 1;
}
