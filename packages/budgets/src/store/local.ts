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
import { randomBytes, randomUUID } from 'node:crypto';
import { appendFileSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { appendFile, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureFolder } from '@tokenmeter/ledger';
import type { Account } from '../evaluate/account.ts';
import { isKept } from '../evaluate/tracker.ts';
import { type Cell, noTotals, type Totals } from '../windows/cells.ts';
import { ClaimFolder } from './claims.ts';
import type { BudgetState, Claim } from './state.ts';

const FOLDER = 'budgets';
const EDGES = 'edges';
const WRITE_MS = 250;
const READ_MS = 1000;
/** A file that is so large is rewritten with the cells that are alive. */
const LARGEST_BYTES = 512 * 1024;
/** A file that nobody has written for so long is merged with others of its kind. */
const LEFT_MS = 86_400_000;
const FILE_MODE = 0o600;

/** One line. */
interface Line {
  /** Writer. */
  readonly w: string;
  /** Key of the account. */
  readonly k: string;
  readonly s: number;
  /** End of the cell, Unix milliseconds. */
  readonly e: number;
  readonly t: Totals;
}

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

/** A cell, as other writers see it. */
interface Slot {
  readonly end: number;
  readonly by: Map<string, Totals>;
}

interface Seen {
  readonly ino: number;
  readonly size: number;
}

class LocalState implements BudgetState {
  readonly id: string;
  readonly name: string;
  readonly keepsRequests = false;
  readonly #folder: string;
  readonly #writer = `${process.pid}-${randomBytes(4).toString('hex')}`;
  readonly #file: string;
  readonly #readOnly: boolean;
  readonly #now: () => number;
  readonly #warn: (message: string) => void;
  /** Of other writers: by account and slot. */
  readonly #shared = new Map<string, Map<number, Slot>>();
  readonly #accounts = new Map<string, Account>();
  readonly #dirty = new Map<Cell, Account>();
  /** Everything this process has written that is alive, for a rewrite. */
  readonly #written = new Map<Cell, string>();
  readonly #claims: ClaimFolder;
  readonly #seen = new Map<string, Seen>();
  #listener: (account: Account) => void = () => {};
  #writeTimer: NodeJS.Timeout | undefined;
  #readTimer: NodeJS.Timeout | undefined;
  #size = 0;
  #warned = false;
  #closed = false;

  constructor({ dir, readOnly = false, onWarning = () => {}, now = Date.now }: LocalStateOptions) {
    this.#folder = join(dir, FOLDER);
    this.#file = join(this.#folder, `${this.#writer}.jsonl`);
    this.name = this.#folder;
    this.#readOnly = readOnly;
    this.#warn = onWarning;
    this.#now = now;
    if (!readOnly) ensureFolder(dir);
    this.#claims = new ClaimFolder({
      folder: join(this.#folder, EDGES),
      readOnly,
      now: now(),
      onError: (error) => this.#fail(error),
    });
    this.id = this.#readId();
    for (const name of this.#names()) this.#readNow(name);
    if (!readOnly) this.#merge();
  }

  open(account: Account): void {
    if (!isKept(account.budget)) return;
    this.#accounts.set(account.key, account);
    for (const [slot, { end, by }] of this.#shared.get(account.key) ?? []) {
      if (end > this.#now()) account.cell(slot).others = sum(by);
    }
    if (account.budget.window.kind === 'rolling') account.epoch = this.#claims.lastReset(account.key);
    if (this.#readOnly || this.#closed) return;
    this.#readTimer ??= setInterval(() => void this.#readOthers(), READ_MS).unref();
  }

  keys(): string[] {
    return [...this.#shared.keys()];
  }

  changed(account: Account, cell: Cell): void {
    if (!isKept(account.budget) || this.#readOnly) return;
    this.#dirty.set(cell, account);
    if (this.#closed) this.#writeNow();
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
    await this.#readOthers();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#writeTimer);
    clearInterval(this.#readTimer);
    this.#writeNow();
  }

  async #write(): Promise<void> {
    const text = this.#drain();
    if (text === '') return;
    try {
      await appendFile(this.#file, text, { mode: FILE_MODE });
      this.#wrote(text);
    } catch (error) {
      this.#fail(error);
    }
  }

  #writeNow(): void {
    const text = this.#drain();
    if (text === '') return;
    try {
      appendFileSync(this.#file, text, { mode: FILE_MODE });
      this.#wrote(text);
    } catch (error) {
      this.#fail(error);
    }
  }

  #wrote(text: string): void {
    this.#size += text.length;
    if (this.#size < LARGEST_BYTES) return;
    const now = this.#now();
    for (const cell of this.#written.keys()) if (cell.end <= now) this.#written.delete(cell);
    const alive = [...this.#written].map(([cell, key]) => this.#line(key, cell)).join('');
    replace(this.#file, alive);
    // A set that is large by itself is not rewritten at every turn.
    this.#size = Math.min(alive.length, LARGEST_BYTES / 2);
  }

  #drain(): string {
    clearTimeout(this.#writeTimer);
    this.#writeTimer = undefined;
    let text = '';
    for (const [cell, account] of this.#dirty) {
      cell.dirty = false;
      this.#written.set(cell, account.key);
      text += this.#line(account.key, cell);
    }
    this.#dirty.clear();
    return text;
  }

  #line(key: string, cell: Cell): string {
    const line: Line = { w: this.#writer, k: key, s: cell.slot, e: cell.end, t: cell.own };
    return `${JSON.stringify(line)}\n`;
  }

  async #readOthers(): Promise<void> {
    const touched = new Set<string>();
    try {
      for (const name of await readdir(this.#folder)) {
        if (!this.#isForeign(name)) continue;
        const path = join(this.#folder, name);
        const { ino, size } = await stat(path);
        const seen = this.#seen.get(name);
        const from = seen?.ino === ino ? seen.size : 0;
        if (size > from) this.#take(name, { ino, size: from }, await readFrom(path, from, size), touched);
      }
    } catch {
      // Merged away between two steps: the next turn reads the file that has it now.
    }
    for (const key of touched) this.#share(key);
  }

  #readNow(name: string): void {
    if (!this.#isForeign(name)) return;
    try {
      const path = join(this.#folder, name);
      this.#take(name, { ino: statSync(path).ino, size: 0 }, readFileSync(path), new Set());
    } catch {
      // The same.
    }
  }

  /** `bytes` follow what was seen. */
  #take(name: string, { ino, size }: Seen, bytes: Buffer, touched: Set<string>): void {
    // A line without its end is still being written.
    const whole = bytes.lastIndexOf(0x0a) + 1;
    this.#seen.set(name, { ino, size: size + whole });
    const now = this.#now();
    for (const text of bytes.subarray(0, whole).toString().split('\n')) {
      const line = parse(text);
      if (line === undefined || line.w === this.#writer || line.e <= now) continue;
      const slots = getOr(this.#shared, line.k, () => new Map<number, Slot>());
      getOr(slots, line.s, (): Slot => ({ end: line.e, by: new Map() })).by.set(line.w, line.t);
      touched.add(line.k);
    }
  }

  #share(key: string): void {
    const slots = this.#shared.get(key);
    const now = this.#now();
    for (const [slot, { end }] of slots ?? []) if (end <= now) slots?.delete(slot);
    const account = this.#accounts.get(key);
    if (!account || !slots) return;
    for (const [slot, { by }] of slots) account.cell(slot).others = sum(by);
    account.recount();
    this.#listener(account);
  }

  #isForeign(name: string): boolean {
    return name.endsWith('.jsonl') && name !== `${this.#writer}.jsonl`;
  }

  #names(): string[] {
    try {
      return readdirSync(this.#folder);
    } catch (error) {
      if (this.#readOnly) return [];
      throw error;
    }
  }

  /** Files of processes that are long gone become one. Two processes that do it at once write the same twice. */
  #merge(): void {
    const oldest = this.#now() - LEFT_MS;
    try {
      const left = this.#names().filter(
        (name) => this.#isForeign(name) && statSync(join(this.#folder, name)).mtimeMs < oldest,
      );
      if (left.length === 0) return;
      const lines = new Map<string, string>();
      for (const text of left.flatMap((name) => readFileSync(join(this.#folder, name), 'utf8').split('\n'))) {
        const line = parse(text);
        if (line && line.e > this.#now()) lines.set(`${line.w}#${line.k}#${line.s}`, `${text}\n`);
      }
      if (lines.size > 0) replace(join(this.#folder, `merged-${randomUUID()}.jsonl`), [...lines.values()].join(''));
      for (const name of left) rmSync(join(this.#folder, name), { force: true });
    } catch {
      // Somebody else does the same.
    }
  }

  #readId(): string {
    const path = join(this.#folder, 'id');
    try {
      if (!this.#readOnly) writeFileSync(path, randomUUID(), { flag: 'wx', mode: FILE_MODE });
    } catch (error) {
      if (!isExisting(error)) throw error;
    }
    try {
      return readFileSync(path, 'utf8').trim() || 'local';
    } catch {
      return 'local';
    }
  }

  #fail(error: unknown): void {
    if (this.#warned) return;
    this.#warned = true;
    const reason = error instanceof Error ? error.message : String(error);
    this.#warn(
      `the state of the budgets in ${this.#folder} cannot be written (${reason}). They count on in this process alone, and forget at its end. ` +
        'Free the disk or make the folder writable.',
    );
  }
}

function getOr<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function sum(by: ReadonlyMap<string, Totals>): Totals {
  const total = noTotals();
  for (const totals of by.values()) {
    for (let index = 0; index < total.length; index++) total[index] = (total[index] as number) + (totals[index] ?? 0);
  }
  return total;
}

async function readFrom(path: string, from: number, to: number): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(to - from), 0, to - from, from);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function parse(text: string): Line | undefined {
  if (text === '') return undefined;
  try {
    const line = JSON.parse(text) as Line;
    return typeof line.k === 'string' && Array.isArray(line.t) ? line : undefined;
  } catch {
    return undefined;
  }
}

/** Readers see the old file or the new one. */
function replace(path: string, text: string): void {
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, text, { mode: FILE_MODE });
  renameSync(draft, path);
}

function isExisting(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === 'EEXIST';
}
