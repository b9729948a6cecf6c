/**
 * Where the spend of budgets is read from, for commands that make no calls: Redis, the state that the host's processes
 * share, or the ledger. Each window is compared with a budget of the same window: the ledger is read from the start of the earliest
 * live one.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Budget, type BudgetEdge, Engine, liveStart, localState, redisState } from '@tokenmeter/budgets';
import { type CallRecord, LedgerReadError, readCalls } from '@tokenmeter/ledger';
import type { Config } from '../../config/types.ts';
import { CliError, EXIT, type Io } from '../io.ts';
import { BadLines } from '../output.ts';

export type SourceName = 'state' | 'ledger' | 'redis';

export interface Source {
  readonly engine: Engine;
  /** For people: what was read. */
  readonly name: string;
  readonly kind: SourceName;
}

export interface SourceOptions {
  readonly config: Config;
  /** The ledger's folder. */
  readonly dir: string;
  readonly wanted?: SourceName;
  /** What earlier processes told of and is over now is reset, once, by `onEdge`. Without it nothing is written. */
  readonly onEdge?: (edge: BudgetEdge) => void;
  /** A folder that is not there yet is one in which nothing was spent. */
  readonly emptyIsZero?: boolean;
}

/** Throws a {@link CliError} where there is nothing to read. */
export async function openSource({ config, dir, wanted, onEdge, emptyIsZero }: SourceOptions, io: Io): Promise<Source> {
  const folder = join(dir, 'budgets');
  const kind = wanted ?? (config.store ? 'redis' : existsSync(folder) ? 'state' : 'ledger');
  if (kind === 'redis') return redisSource({ config, onEdge }, io);
  if (kind === 'state') {
    if (!existsSync(folder)) {
      throw new CliError(EXIT.noAnswer, `${folder} does not exist: no process with budgets has run here.`);
    }
    const state = localState({ dir, readOnly: onEdge === undefined, now: io.now });
    const engine = new Engine({ budgets: config.budgets, state, onEdge: onEdge ?? (() => {}), now: io.now });
    await engine.adopt();
    return { engine, name: `the state in ${folder}`, kind };
  }
  const engine = new Engine({ budgets: config.budgets, onEdge: () => {}, now: io.now });
  if (!existsSync(dir)) {
    const name = `${dir} does not exist: no call has been recorded here`;
    if (wanted === undefined && emptyIsZero) return { engine, name, kind };
    throw new CliError(EXIT.noAnswer, `${name}.`);
  }
  const since = Math.min(io.now(), ...config.budgets.map((budget) => liveStart(budget, io.now()) ?? io.now()));
  for await (const call of calls({ dir, since, until: io.now() }, io)) engine.record(call);
  return { engine, name: `the ledger in ${dir}`, kind };
}

async function redisSource({ config, onEdge }: Pick<SourceOptions, 'config' | 'onEdge'>, io: Io): Promise<Source> {
  if (!config.store)
    throw new CliError(
      EXIT.usage,
      'tokenmeter.yaml has no store. Add e.g.  store: { redis: "redis://127.0.0.1:6379" }',
    );
  let reason = 'it does not answer';
  const state = redisState({
    ...config.store,
    url: config.store.redis,
    readOnly: onEdge === undefined,
    onWarning: (message) => {
      reason = message;
    },
  });
  await state.ready();
  if (!state.isUp) {
    state.close();
    throw new CliError(EXIT.noAnswer, reason);
  }
  const now = (): number => io.now() + state.skew;
  const engine = new Engine({ budgets: config.budgets, state, onEdge: onEdge ?? (() => {}), now });
  await engine.adopt();
  return { engine, name: state.name, kind: 'redis' };
}

/** The calls of a ledger; what cannot be read is named. Throws a {@link CliError} where nothing can. */
export async function* calls(
  query: { readonly dir: string; readonly since: number; readonly until: number },
  io: Io,
): AsyncGenerator<CallRecord> {
  const bad = new BadLines();
  try {
    yield* readCalls({ ...query, onBadLine: bad.add });
  } catch (error) {
    if (error instanceof LedgerReadError) throw new CliError(EXIT.noAnswer, error.message);
    throw error;
  }
  bad.warn(io);
}

/** Throws a {@link CliError} where no budget is configured. */
export function requireBudgets({ budgets }: Config): readonly Budget[] {
  if (budgets.length > 0) return budgets;
  throw new CliError(
    EXIT.usage,
    'tokenmeter.yaml has no budget. Add e.g.  budgets: [{ name: all, usd: 50, per: day }]',
  );
}
