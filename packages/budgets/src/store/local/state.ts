/**
 * State in files, shared by the processes of one host: `.tokenmeter/budgets`.
 *
 *     id                    names the store
 *     4711-9f3c2a1b.jsonl   cells of one process: a line whenever one has changed, the last line of a cell counts
 *     merged-….jsonl        what processes left that are gone
 *     edges/….json          a threshold that was told of, a window that was reset: who creates the file tells of it
 *
 * A line says what the calls of *one writer* in one cell came to until then. Reading it twice, or from two files, changes
 * nothing; that is what makes the files safe to append to, to rewrite and to merge at any moment.
 *
 * What is not written yet when a process is killed is lost: the calls of the last quarter of a second. What others spend is
 * known a second later.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { ensureFolder } from '@tokenmeter/ledger';
import type { Account } from '../../evaluate/account.ts';
import { isKept } from '../../evaluate/tracker.ts';
import type { Cell } from '../../windows/cells.ts';
import type { BudgetState, Claim } from '../state.ts';
import { ClaimFolder } from './claims.ts';
import { mergeLeft, storeId } from './files.ts';
import { Others } from './others.ts';
import { OwnFile } from './own.ts';

const FOLDER = 'budgets';
const EDGES = 'edges';
const WRITE_MS = 250;
const READ_MS = 1000;

export interface LocalStateOptions {
  /** The ledger's folder; ours is `budgets` in it. */
  readonly dir: string;
  /** Nothing is written, and no timer runs: for whoever only looks. */
  readonly readOnly?: boolean;
  readonly onWarning?: (message: string) => void;
  readonly now?: () => number;
}

/** Opens the state and reads what is there. Throws what the file system throws where the folder cannot be read or made. */
export function localState(options: LocalStateOptions): BudgetState {
  return new LocalState(options);
}

class LocalState implements BudgetState {
  readonly id: string;
  readonly name: string;
  readonly keepsRequests = false;
  readonly #readOnly: boolean;
  readonly #warn: (message: string) => void;
  readonly #accounts = new Map<string, Account>();
  readonly #claims: ClaimFolder;
  readonly #others: Others;
  readonly #own: OwnFile;
  #listener: (account: Account) => void = () => {};
  #writeTimer: NodeJS.Timeout | undefined;
  #readTimer: NodeJS.Timeout | undefined;
  #warned = false;
  #closed = false;

  constructor({ dir, readOnly = false, onWarning = () => {}, now = Date.now }: LocalStateOptions) {
    const folder = join(dir, FOLDER);
    const writer = `${process.pid}-${randomBytes(4).toString('hex')}`;
    const onError = (error: unknown): void => this.#fail(error);
    this.name = folder;
    this.#readOnly = readOnly;
    this.#warn = onWarning;
    if (!readOnly) ensureFolder(dir);
    this.#claims = new ClaimFolder({ folder: join(folder, EDGES), readOnly, now: now(), onError });
    this.id = storeId(folder, readOnly);
    this.#own = new OwnFile({ path: join(folder, `${writer}.jsonl`), writer, now, onError });
    this.#others = new Others({ folder, writer, now });
    try {
      this.#others.readNow();
    } catch (error) {
      if (!readOnly) throw error;
    }
    if (!readOnly) mergeLeft(folder, now());
  }

  open(account: Account): void {
    if (!isKept(account.budget)) return;
    this.#accounts.set(account.key, account);
    this.#others.share(account);
    if (account.budget.window.kind === 'rolling') account.epoch = this.#claims.lastReset(account.key);
    if (this.#readOnly || this.#closed) return;
    this.#readTimer ??= setInterval(() => void this.#read(), READ_MS).unref();
  }

  keys(): string[] {
    return this.#others.keys();
  }

  changed(account: Account, cell: Cell): void {
    if (!isKept(account.budget) || this.#readOnly) return;
    this.#own.add(account, cell);
    if (this.#closed) this.#own.writeNow();
    else this.#writeTimer ??= setTimeout(() => void this.#write(), WRITE_MS).unref();
  }

  claim(claim: Claim): Claim {
    return this.#claims.claim(claim);
  }

  claims(): Claim[] {
    return this.#claims.all();
  }

  release(claim: Claim): void {
    this.#claims.release(claim);
  }

  listen(changed: (account: Account) => void): void {
    this.#listener = changed;
  }

  async flush(): Promise<void> {
    await this.#write();
    await this.#read();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#writeTimer);
    clearInterval(this.#readTimer);
    this.#own.writeNow();
  }

  async #write(): Promise<void> {
    clearTimeout(this.#writeTimer);
    this.#writeTimer = undefined;
    await this.#own.write();
  }

  async #read(): Promise<void> {
    for (const key of await this.#others.read()) {
      const account = this.#accounts.get(key);
      if (!account || !this.#others.share(account)) continue;
      account.recount();
      this.#listener(account);
    }
  }

  #fail(error: unknown): void {
    if (this.#warned) return;
    this.#warned = true;
    const reason = error instanceof Error ? error.message : String(error);
    this.#warn(
      `the state of the budgets in ${this.name} cannot be written (${reason}). They count on in this process alone, and forget at its end. ` +
        'Free the disk or make the folder writable.',
    );
  }
}
