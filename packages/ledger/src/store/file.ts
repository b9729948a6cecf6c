/**
 * The file of one process for one day: append-only, rotated by size. Only this process writes to it, so its size is known
 * and tells at exit whether an append that was still under way has landed.
 */
import { closeSync, fstatSync, openSync, write, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ensureFolder, FILE_MODE, fileName } from './folder.ts';

/** How long `settle` waits for an append that is under way. */
const SETTLE_MS = 250;
const LINE_END = Buffer.from('\n');

export interface LedgerFileOptions {
  readonly dir: string;
  readonly day: number;
  readonly instance: string;
  /** Bytes after which the next part begins. */
  readonly maxBytes: number;
}

export class LedgerFile {
  readonly #options: LedgerFileOptions;
  #part = 0;
  #descriptor: number | undefined;
  /** Bytes in the current part. */
  #size = 0;
  /** The last append failed half-way: the next one ends its line first. */
  #torn = false;
  /** An append that the event loop has not reported back yet. */
  #underWay: Buffer | undefined;
  #pending = false;

  constructor(options: LedgerFileOptions) {
    this.#options = options;
  }

  /** Appends whole lines. Rejects with the file system's error; what it had written by then is a line of its own. */
  async append(lines: Buffer): Promise<void> {
    const bytes = this.#prepare(lines);
    const descriptor = this.#open();
    this.#underWay = bytes;
    this.#pending = true;
    try {
      for (let written = 0; written < bytes.length && this.#underWay === bytes; ) {
        written += await append(descriptor, bytes, written);
      }
      this.#pending = false;
      if (this.#underWay === bytes) this.#done(bytes.length);
    } catch (error) {
      this.#pending = false;
      this.#torn = true;
      throw error;
    } finally {
      this.#underWay = undefined;
    }
  }

  /** The same at once, for the end of the process. Throws the file system's error. */
  appendSync(lines: Buffer): void {
    const bytes = this.#prepare(lines);
    const descriptor = this.#open();
    try {
      for (let written = 0; written < bytes.length; ) {
        written += writeSync(descriptor, bytes, written);
      }
      this.#done(bytes.length);
    } catch (error) {
      this.#torn = true;
      throw error;
    }
  }

  /**
   * For the end of the process, when no promise settles any more: waits until an append under way has landed, and makes up
   * for it where it does not. Written twice, its calls are still counted once: readers go by span id.
   */
  settle(): void {
    const bytes = this.#underWay;
    if (!bytes || this.#descriptor === undefined) return;
    this.#underWay = undefined;
    const expected = this.#size + bytes.length;
    const sleeper = new Int32Array(new SharedArrayBuffer(4));
    for (let waited = 0; waited < SETTLE_MS; waited++) {
      if (fstatSync(this.#descriptor).size >= expected) {
        this.#done(bytes.length);
        return;
      }
      Atomics.wait(sleeper, 0, 0, 1);
    }
    this.#torn = true;
    this.appendSync(bytes);
  }

  /**
   * Never throws. The file opens again with the next append. A descriptor that a late append still uses stays open: its
   * number could stand for another file by then.
   */
  close(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor === undefined || this.#pending) return;
    try {
      closeSync(descriptor);
    } catch {
      // There is nothing left to do with a descriptor that does not close.
    }
  }

  #prepare(lines: Buffer): Buffer {
    return this.#torn ? Buffer.concat([LINE_END, lines]) : lines;
  }

  #done(bytes: number): void {
    this.#torn = false;
    this.#size += bytes;
    if (this.#size < this.#options.maxBytes) return;
    this.close();
    this.#part += 1;
    this.#size = 0;
  }

  #open(): number {
    if (this.#descriptor !== undefined) {
      if (fstatSync(this.#descriptor).nlink > 0) return this.#descriptor;
      this.close();
    }
    const { dir, day, instance } = this.#options;
    ensureFolder(dir);
    this.#descriptor = openSync(join(dir, fileName(day, instance, this.#part)), 'a', FILE_MODE);
    this.#size = fstatSync(this.#descriptor).size;
    return this.#descriptor;
  }
}

function append(descriptor: number, bytes: Buffer, from: number): Promise<number> {
  return new Promise((resolve, reject) => {
    write(descriptor, bytes, from, bytes.length - from, null, (error, written) => {
      if (error) reject(error);
      else resolve(written);
    });
  });
}
