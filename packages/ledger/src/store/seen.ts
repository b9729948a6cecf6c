/**
 * Ids that one process of a host, and only one, is to count: of answers that can be read again, by anybody, for days. They
 * stand beside the calls, in a file for each UTC day that all processes append to:
 *
 *     <id> <who claimed it>
 *
 * Whoever's line comes first has the id: a claim appends a line, then reads what others appended before it. An append of a
 * line is one write to a file that is open for appending, so lines do not mix. Days are read in order, and a claim at
 * midnight looks at both.
 */
import { randomBytes } from 'node:crypto';
import { appendFileSync, closeSync, fstatSync, openSync, readdirSync, readSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { dayOf, ensureFolder, FILE_MODE, LEDGER_DIR } from './folder.ts';

export interface SeenIdsOptions {
  /** Folder of the ledger. Default: `.tokenmeter` in the working directory. */
  readonly dir?: string;
  /** Days after which an id is forgotten. Default: 30. */
  readonly keepDays?: number;
  /** Unix milliseconds. */
  readonly now?: () => number;
}

export interface SeenIds {
  /**
   * True for exactly one caller on this host. Never throws: where the folder cannot be written, true once in this process.
   */
  claim(id: string): boolean;
  /** Whether anybody has claimed the id. Never throws. */
  has(id: string): boolean;
}

const MS_PER_DAY = 86_400_000;
const SEEN_FILE = /^seen-(\d{4})(\d{2})(\d{2})\.txt$/;

/** Nothing is read or written before the first claim. */
export function createSeenIds(options: SeenIdsOptions = {}): SeenIds {
  return new SeenFiles(options);
}

class SeenFiles implements SeenIds {
  readonly #dir: string;
  readonly #keepDays: number;
  readonly #now: () => number;
  readonly #me = randomBytes(8).toString('hex');
  /** Who claimed an id first. */
  readonly #owners = new Map<string, string>();
  /** Bytes read of each day's file. */
  readonly #read = new Map<number, number>();
  #loadedOn: number | undefined;

  constructor({ dir = LEDGER_DIR, keepDays = 30, now = Date.now }: SeenIdsOptions) {
    this.#dir = resolve(dir);
    this.#keepDays = keepDays;
    this.#now = now;
  }

  claim(id: string): boolean {
    const key = keyOf(id);
    const day = dayOf(this.#now());
    if (this.#owners.has(key)) return false;
    try {
      this.#refresh(day);
      if (this.#owners.has(key)) return false;
      ensureFolder(this.#dir);
      appendFileSync(this.#file(day), `${key} ${this.#me}\n`, { mode: FILE_MODE });
      this.#refresh(day);
    } catch {
      // Whoever cannot write it down remembers it alone.
    }
    if (!this.#owners.has(key)) this.#owners.set(key, this.#me);
    return this.#owners.get(key) === this.#me;
  }

  has(id: string): boolean {
    try {
      this.#refresh(dayOf(this.#now()));
    } catch {
      // As if nobody had written.
    }
    return this.#owners.has(keyOf(id));
  }

  /** Reads what was appended: at first of all days, then of those that somebody may still append to. */
  #refresh(day: number): void {
    if (this.#loadedOn !== day) {
      this.#loadedOn = day;
      for (const known of this.#days()) {
        if (known < day - this.#keepDays) rmSync(this.#file(known), { force: true });
        else if (known < day - 1) this.#readDay(known);
      }
    }
    this.#readDay(day - 1);
    this.#readDay(day);
  }

  #days(): number[] {
    try {
      return readdirSync(this.#dir)
        .flatMap((name) => {
          const [, year, month, date] = SEEN_FILE.exec(name) ?? [];
          return year === undefined ? [] : [dayOf(Date.UTC(Number(year), Number(month) - 1, Number(date)))];
        })
        .sort((left, right) => left - right);
    } catch {
      return [];
    }
  }

  #readDay(day: number): void {
    const from = this.#read.get(day) ?? 0;
    const text = readFrom(this.#file(day), from);
    // A line that is not yet whole is read with the next refresh.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    this.#read.set(day, from + Buffer.byteLength(whole));
    for (const line of whole.split('\n')) {
      const [key = '', owner = ''] = line.split(' ');
      if (key !== '' && !this.#owners.has(key)) this.#owners.set(key, owner);
    }
  }

  #file(day: number): string {
    const date = new Date(day * MS_PER_DAY).toISOString().slice(0, 10).replaceAll('-', '');
    return join(this.#dir, `seen-${date}.txt`);
  }
}

/** One word of ASCII. */
function keyOf(id: string): string {
  // Through bytes: half a surrogate pair is no character that can be encoded.
  return encodeURIComponent(Buffer.from(id).toString());
}

/** What stands in a file from that byte on; nothing where there is no file. */
function readFrom(file: string, from: number): string {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch {
    return '';
  }
  try {
    const bytes = Buffer.alloc(Math.max(0, fstatSync(descriptor).size - from));
    return bytes.toString('utf8', 0, readSync(descriptor, bytes, 0, bytes.length, from));
  } finally {
    closeSync(descriptor);
  }
}
