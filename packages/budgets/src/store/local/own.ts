/** The file of this process: a line whenever a cell has changed, rewritten with the cells that are alive when it is large. */
import { appendFileSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import type { Account } from '../../evaluate/account.ts';
import type { Cell } from '../../windows/cells.ts';
import { FILE_MODE, lineText, replace } from './files.ts';

/** A file that is so large is rewritten. */
const LARGEST_BYTES = 512 * 1024;

export interface OwnFileOptions {
  readonly path: string;
  readonly writer: string;
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
}

export class OwnFile {
  readonly #options: OwnFileOptions;
  readonly #dirty = new Map<Cell, Account>();
  /** Everything that was written and is alive, for a rewrite. */
  readonly #written = new Map<Cell, string>();
  #size = 0;

  constructor(options: OwnFileOptions) {
    this.#options = options;
  }

  /** To be written with the next turn. */
  add(account: Account, cell: Cell): void {
    this.#dirty.set(cell, account);
  }

  /** Never rejects. */
  async write(): Promise<void> {
    const text = this.#drain();
    if (text === '') return;
    try {
      await appendFile(this.#options.path, text, { mode: FILE_MODE });
      this.#wrote(text);
    } catch (error) {
      this.#options.onError(error);
    }
  }

  /** Never throws. */
  writeNow(): void {
    const text = this.#drain();
    if (text === '') return;
    try {
      appendFileSync(this.#options.path, text, { mode: FILE_MODE });
      this.#wrote(text);
    } catch (error) {
      this.#options.onError(error);
    }
  }

  #drain(): string {
    let text = '';
    for (const [cell, { key }] of this.#dirty) {
      cell.dirty = false;
      this.#written.set(cell, key);
      text += this.#line(key, cell);
    }
    this.#dirty.clear();
    return text;
  }

  #wrote(text: string): void {
    this.#size += text.length;
    if (this.#size < LARGEST_BYTES) return;
    const now = this.#options.now();
    for (const cell of this.#written.keys()) if (cell.gone <= now) this.#written.delete(cell);
    const alive = [...this.#written].map(([cell, key]) => this.#line(key, cell)).join('');
    replace(this.#options.path, alive);
    // A set that is large by itself is not rewritten at every turn.
    this.#size = Math.min(alive.length, LARGEST_BYTES / 2);
  }

  #line(key: string, cell: Cell): string {
    return lineText({ w: this.#options.writer, k: key, s: cell.slot, e: cell.gone, t: cell.own });
  }
}
