/**
 * What this process knows by itself, should Redis be emptied: what is spent, as Redis said last, and what it holds for its
 * own calls. Both are put back, each once, however often they are sent and whoever else does so, too.
 */
import { isShort } from '../../budget.ts';
import type { Account } from '../../evaluate/account.ts';
import type { Ask } from '../state.ts';
import type { KeySpace } from './key-space.ts';
import { RENEW, RESTORE } from './scripts.ts';

/** What a hold is called in the sorted set of its account. */
interface LiveHold {
  readonly account: Account;
  readonly member: string;
  /** Key that exists when the call was settled. */
  readonly settled: string;
}

export interface KnownOptions {
  readonly space: KeySpace;
  readonly expiryOf: (account: Account) => number;
  readonly holdMs: number;
  /** Takes over what Redis says of accounts. */
  readonly take: (accounts: readonly Account[], hashes: readonly unknown[]) => void;
}

export class Known {
  readonly #options: KnownOptions;
  readonly #holds = new Map<string, readonly LiveHold[]>();
  /** What is to be put back, by account. */
  readonly #lost = new Map<Account, readonly string[]>();
  #holdsLost = false;
  #puttingBack: Promise<void> | undefined;

  constructor(options: KnownOptions) {
    this.#options = options;
  }

  /** Whether calls of this process are under way for which something is held. */
  get isHolding(): boolean {
    return this.#holds.size > 0;
  }

  /** A call for which Redis holds what was asked. */
  hold(id: string, settled: string, asks: readonly Ask[]): void {
    const holds = asks.flatMap(({ account, asked }) =>
      asked > 0 ? [{ account, member: `${id}|${asked}`, settled }] : [],
    );
    if (holds.length > 0) this.#holds.set(id, holds);
  }

  /** The call has ended. */
  letGo(id: string): void {
    this.#holds.delete(id);
  }

  /** So that they last as long as their calls. One that is not there any more is made again. */
  async renew(): Promise<void> {
    const holds = [...this.#holds.values()].flat();
    if (holds.length === 0) return;
    const { space, expiryOf, holdMs } = this.#options;
    const keys = holds.flatMap(({ account, settled }) => [...space.keysOf(account), settled]);
    const args = holds.flatMap(({ account, member }) => [member, String(expiryOf(account))]);
    await space.run(RENEW, keys, [String(holdMs), ...args], () => {
      this.#holdsLost = false;
    });
  }

  /** Redis was emptied: keeps what the accounts are known to have spent, before its answers say less. */
  remember(accounts: Iterable<Account>): void {
    this.#holdsLost = true;
    for (const account of accounts) {
      const cells = [...account.cells.values()].filter(({ others }) => (others[0] ?? 0) > 0);
      if (cells.length === 0) continue;
      const name = isShort(account.budget.window.kind) ? '' : account.key;
      const known = cells.flatMap(({ slot, others }) => [slot, ...others].map(String));
      this.#lost.set(account, [String(this.#options.expiryOf(account)), name, ...known]);
    }
  }

  /** Puts back what is not there again yet. Never rejects. */
  putBack(): Promise<void> {
    this.#puttingBack ??= this.#putAllBack().finally(() => {
      this.#puttingBack = undefined;
    });
    return this.#puttingBack;
  }

  async #putAllBack(): Promise<void> {
    const accounts = [...this.#lost.keys()].map((account) => this.#restore(account));
    await Promise.all([...accounts, this.#holdsLost ? this.renew() : undefined]);
  }

  async #restore(account: Account): Promise<void> {
    const args = this.#lost.get(account);
    if (args === undefined) return;
    const { space, take } = this.#options;
    await space.run(RESTORE, [space.key('keys'), space.keysOf(account)[0]], args, (hashes) => {
      this.#lost.delete(account);
      take([account], hashes);
    });
  }
}
