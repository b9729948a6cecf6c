/**
 * The budgets of a process, put together: state, engine, admission, alerts and metrics.
 *
 *     admit ─► (the call) ─► record ─► edges ─► alerts
 */
import type { CallRecord } from '@tokenmeter/ledger';
import type { Pricer } from '@tokenmeter/pricing';
import { createAlerts } from './alerts/alerts.ts';
import type { AlertSettings } from './alerts/settings.ts';
import type { AlertFunction, Alerts, BudgetEdge, BudgetIdentity } from './alerts/types.ts';
import type { Budget } from './budget.ts';
import { createAdmission, type Downgrade, type Gate } from './enforce/admission.ts';
import { tellBlocked } from './enforce/blocked.ts';
import { Engine } from './engine.ts';
import { type BudgetMetrics, createBudgetMetrics } from './metrics.ts';
import { localState } from './store/local/state.ts';
import { memoryState } from './store/memory.ts';
import { type RedisStateOptions, redisState } from './store/redis/state.ts';
import { type BudgetState, isShared } from './store/state.ts';

export interface BudgetsOptions {
  readonly budgets: readonly Budget[];
  readonly pricer: Pricer;
  /** The ledger's folder: the state of the host's processes is `budgets` in it. Without it nothing is kept. */
  readonly dir?: string;
  /** A store that processes on several hosts share; then nothing is kept in `dir`. */
  readonly redis?: Pick<RedisStateOptions, 'url' | 'client' | 'prefix' | 'holdSeconds'>;
  /** A sentence that every alert carries. */
  readonly note?: string;
  /** Where alerts go. */
  readonly alerts: AlertSettings;
  /** `service.name`, for PagerDuty. */
  readonly service?: string;
  /** One line: alerts of the channel `log`. */
  readonly log: (line: string) => void;
  readonly onWarning: (message: string) => void;
  /** For `tokenmeter.alerts.failed`. */
  readonly onFailedAlerts?: (channel: string, alerts: number) => void;
  /** Whether the values of a scope key may go on metrics. */
  readonly onMetrics: (key: string) => boolean;
  /** Asked at the moment of the call. */
  readonly downgrade?: () => Downgrade | undefined;
  /** Told of every alert, whatever the budget's actions are. */
  readonly listener?: AlertFunction;
  /** Unix milliseconds. */
  readonly now?: () => number;
}

export interface Budgets {
  readonly engine: Engine;
  /** Books a call that has ended. Never throws. */
  record(record: CallRecord): void;
  /** Undefined where no budget enforces anything. */
  readonly admit?: Gate['admit'];
  readonly metrics: BudgetMetrics;
  /** Sends alerts, within `timeoutMs` (default 3000), and writes the state. Never rejects. */
  flush(timeoutMs?: number): Promise<void>;
  /** The end of the process: synchronous, never throws. */
  finish(): void;
}

const TICK_MS = 1000;

export function createBudgets(options: BudgetsOptions): Budgets {
  const state = openState(options);
  const now = options.now ?? (isShared(state) ? () => Date.now() + state.skew : Date.now);
  const alerts = createAlerts({
    settings: options.alerts,
    log: options.log,
    source: options.service,
    onFailed: options.onFailedAlerts,
    current: (identity) => current(engine, identity),
    claimAgain: (edge, round) => engine.claimAgain(edge, round),
  });
  const { listener } = options;
  const budgets = listener
    ? options.budgets.map((budget) => ({ ...budget, actions: [...budget.actions, listener] }))
    : options.budgets;
  const engine: Engine = new Engine({
    budgets,
    state,
    now,
    onWarning: options.onWarning,
    onEdge: (edge) => alerts.tell(options.note === undefined ? edge : { ...edge, note: options.note }),
    onResume: (edge) => alerts.resume(edge),
  });
  const metrics = createBudgetMetrics({ engine, onMetrics: options.onMetrics });
  const gate = createAdmission({
    engine,
    now,
    pricer: options.pricer,
    downgrade: options.downgrade,
    onWarning: options.onWarning,
    onBlocked: (refusal) => {
      metrics.countBlocked(refusal);
      tellBlocked(refusal, state.id);
    },
  });
  const learns = budgets.some(({ enforce, hold }) => enforce === 'reserve' && hold === 'learned');
  const timer = setInterval(() => engine.tick(), TICK_MS).unref();
  return {
    engine,
    metrics,
    record(record) {
      metrics.join();
      engine.record(record, gate?.heldOf(record));
      if (learns) gate?.estimator.learn(record);
    },
    admit: gate && ((request) => gate.admit(request)),
    flush: async (timeoutMs) => {
      metrics.join();
      await Promise.all([state.flush(), alerts.flush(timeoutMs)]);
    },
    finish: () => finish(state, alerts, timer),
  };
}

/** Where the folder cannot be used, the budgets count in this process alone. */
function openState({ dir, redis, onWarning }: BudgetsOptions): BudgetState {
  if (redis !== undefined) return redisState({ ...redis, onWarning });
  if (dir === undefined) return memoryState();
  try {
    return localState({ dir, onWarning });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    onWarning(
      `the state of the budgets in ${dir} cannot be opened (${reason}). They count in this process alone, and forget at its end.`,
    );
    return memoryState();
  }
}

function current(engine: Engine, identity: BudgetIdentity): BudgetEdge | undefined {
  const account = engine.accountOf(identity);
  return account && engine.edgeOf(account);
}

function finish(state: BudgetState, alerts: Alerts, timer: NodeJS.Timeout): void {
  clearInterval(timer);
  state.close();
  alerts.finish();
}
