/** What the other writers of a folder say, who may be running, ended or killed: by account, cell and writer. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Account } from '../../evaluate/account.ts';
import { noTotals, type Totals } from '../../windows/cells.ts';
import { isLines, parseLine, readFrom } from './files.ts';

/** A cell, as other writers see it. */
interface Slot {
  readonly gone: number;
  readonly by: Map<string, Totals>;
}

/** How much of a file was read. */
interface Seen {
  readonly ino: number;
  readonly size: number;
}

export interface OthersOptions {
  readonly folder: string;
  /** This process: its own lines say nothing new. */
  readonly writer: string;
  readonly now: () => number;
}

export class Others {
  readonly #options: OthersOptions;
  readonly #accounts = new Map<string, Map<number, Slot>>();
  readonly #seen = new Map<string, Seen>();

  constructor(options: OthersOptions) {
    this.#options = options;
  }

  /** Keys of the accounts on which somebody has spent. */
  keys(): string[] {
    return [...this.#accounts.keys()];
  }

  /** Reads all files. A folder that is not there throws. */
  readNow(): void {
    const { folder } = this.#options;
    for (const name of readdirSync(folder).filter(this.#isForeign)) {
      try {
        const path = join(folder, name);
        this.#take(name, { ino: statSync(path).ino, size: 0 }, readFileSync(path), new Set());
      } catch {
        // Merged away between two steps: its lines are in another file.
      }
    }
  }

  /** Reads what was written since, and returns the keys of the accounts that it is about. Never rejects. */
  async read(): Promise<ReadonlySet<string>> {
    const touched = new Set<string>();
    const { folder } = this.#options;
    try {
      for (const name of (await readdir(folder)).filter(this.#isForeign)) {
        const path = join(folder, name);
        const { ino, size } = await stat(path);
        const seen = this.#seen.get(name);
        const from = seen?.ino === ino ? seen.size : 0;
        if (size > from) this.#take(name, { ino, size: from }, await readFrom(path, from, size), touched);
      }
    } catch {
      // The same: the next turn reads the file that has it now.
    }
    return touched;
  }

  /** Puts what others have spent into the cells of an account. True where there is anything. */
  share(account: Account): boolean {
    const slots = this.#accounts.get(account.key);
    if (slots === undefined) return false;
    const now = this.#options.now();
    for (const [slot, { gone, by }] of slots) {
      if (gone <= now) slots.delete(slot);
      else account.cell(slot).others = sum(by);
    }
    return true;
  }

  readonly #isForeign = (name: string): boolean => isLines(name) && name !== `${this.#options.writer}.jsonl`;

  /** `bytes` follow what was seen. */
  #take(name: string, { ino, size }: Seen, bytes: Buffer, touched: Set<string>): void {
    // A line without its end is still being written.
    const whole = bytes.lastIndexOf(0x0a) + 1;
    this.#seen.set(name, { ino, size: size + whole });
    const now = this.#options.now();
    for (const text of bytes.subarray(0, whole).toString().split('\n')) {
      const line = parseLine(text);
      if (line === undefined || line.w === this.#options.writer || line.e <= now) continue;
      const slots = getOr(this.#accounts, line.k, () => new Map<number, Slot>());
      getOr(slots, line.s, (): Slot => ({ gone: line.e, by: new Map() })).by.set(line.w, line.t);
      touched.add(line.k);
    }
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
