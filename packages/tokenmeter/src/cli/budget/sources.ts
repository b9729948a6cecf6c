/**
 * Where the spend of budgets is read from, for commands that make no calls: Redis, the state that the host's processes
 * share, or the ledger. Each window is compared with a budget of the same window: the ledger is read from the start of the
 * earliest live one. A budget that the state has never heard of, because no process with it has run yet, is looked up in the
 * ledger: that nothing is known is no pass.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Budget,
  type BudgetEdge,
  Engine,
  liveStart,
  localState,
  redisState,
  type Standing,
  shareOf,
  standings,
} from '@tokenmeter/budgets';
import { type CallRecord, LedgerReadError, readCalls } from '@tokenmeter/ledger';
import type { Config } from '../../config/types.ts';
import { CliError, EXIT, type Io } from '../io.ts';
import { BadLines } from '../output.ts';

export type SourceName = 'state' | 'ledger' | 'redis';

export interface Source {
  /** Those that spent most of their amount first. */
  standings(now: number): Standing[];
  close(): void;
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
    const name = `the state in ${folder}`;
    const unheard = wanted === undefined ? engine.trackers.filter(isUnheard).map(({ budget }) => budget) : [];
    if (unheard.length === 0) return sourceOf([engine], name, kind);
    const names = unheard.map((budget) => budget.name).join(', ');
    const ledger = await ledgerEngine(unheard, dir, io);
    return sourceOf([ledger, engine], `${name}; for ${names}, of which it has nothing, the ledger in ${dir}`, kind);
  }
  if (!existsSync(dir)) {
    const name = `${dir} does not exist: no call has been recorded here`;
    if (wanted !== undefined || !emptyIsZero) throw new CliError(EXIT.noAnswer, `${name}.`);
    return sourceOf([new Engine({ budgets: config.budgets, onEdge: () => {}, now: io.now })], name, kind);
  }
  return sourceOf([await ledgerEngine(config.budgets, dir, io)], `the ledger in ${dir}`, kind);
}

function isUnheard({ budget, accounts }: Engine['trackers'][number]): boolean {
  return accounts.size === 0 && liveStart(budget, 0) !== undefined;
}

/** The first engine that has a budget speaks for it. */
function sourceOf(engines: readonly Engine[], name: string, kind: SourceName): Source {
  return {
    standings: (now) => {
      const seen = new Set<Budget>();
      const rows = engines.flatMap((engine) => {
        const own = standings(engine, now).filter(({ budget }) => !seen.has(budget));
        for (const { budget } of own) seen.add(budget);
        return own;
      });
      return engines.length === 1 ? rows : rows.toSorted((a, b) => shareOf(b) - shareOf(a));
    },
    close: () => {
      for (const { state } of engines) state.close();
    },
    name,
    kind,
  };
}

/** What the ledger says of budgets in their live windows. */
async function ledgerEngine(budgets: readonly Budget[], dir: string, io: Io): Promise<Engine> {
  const engine = new Engine({ budgets, onEdge: () => {}, now: io.now });
  const since = Math.min(io.now(), ...budgets.map((budget) => liveStart(budget, io.now()) ?? io.now()));
  for await (const call of calls({ dir, since, until: io.now() }, io)) engine.record(call);
  return engine;
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
  return sourceOf([engine], state.name, 'redis');
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
