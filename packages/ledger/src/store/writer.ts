/**
 * The writing end of a ledger. A call is encoded when it ends and buffered as text; the buffer goes to disk about once a
 * second, when it is full, and synchronously at the end of the process. A call is written to the file of the UTC day in
 * which it started, so a closed day stays closed.
 *
 * Nothing here throws into the app. A disk that refuses is named once; the calls of that moment are lost and the app
 * runs on.
 */
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import type { Attributes } from '../attributes.ts';
import { encodeAttributes, encodeLine, encodeSpan } from '../otlp/encode.ts';
import type { CallRecord } from '../record.ts';
import { LedgerFile } from './file.ts';
import { dayOf, LEDGER_DIR, prune } from './folder.ts';

const FLUSH_MS = 1000;
/** Buffer bounds: calls and characters. Past them the buffer is written out at once. */
const MAX_CALLS = 500;
const MAX_CHARACTERS = 1_000_000;
/** A crash in mid-write loses one line at most: keep lines short, but say the resource only once for many calls. */
const SPANS_PER_LINE = 50;

export interface LedgerWriterOptions {
  /** Folder, made on the first write. Default: `.tokenmeter` in the working directory. */
  readonly dir?: string;
  /** Attributes of the process: `service.name`, `service.instance.id`, `deployment.environment.name`, `tokenmeter.metered`. */
  readonly resource: Attributes;
  /** Part of the file names; must differ between processes and threads. Default: process id and a random number. */
  readonly instance?: string;
  /** Size after which a file is followed by its next part. Default: 64 MB. */
  readonly maxBytes?: number;
  /** Days after which files are deleted. Default: 30. */
  readonly keepDays?: number;
  /** Told once, when the ledger cannot be written. */
  readonly onWarning?: (message: string) => void;
  /** Unix milliseconds; decides what is old. */
  readonly now?: () => number;
}

export interface LedgerWriter {
  /** Takes a call. Never throws, never waits. After `close` it does nothing. */
  write(record: CallRecord): void;
  /** Resolves when everything taken so far is on disk, or was reported as lost. Never rejects. */
  flush(): Promise<void>;
  /** Writes everything out synchronously and lets go of the files. Never throws. */
  close(): void;
}

/**
 * Opens a ledger for this process or worker thread. Files and folder appear with the first call. At the `exit` of the
 * process what is buffered is written out, and calls that end during `exit` are written at once.
 */
export function createLedgerWriter(options: LedgerWriterOptions): LedgerWriter {
  return new BufferedWriter(options);
}

class BufferedWriter implements LedgerWriter {
  readonly #dir: string;
  readonly #instance: string;
  readonly #maxBytes: number;
  readonly #keepDays: number;
  readonly #now: () => number;
  readonly #warn: (message: string) => void;
  readonly #resource: Attributes;
  readonly #resourceText: string;
  readonly #files = new Map<number, LedgerFile>();
  /** Encoded spans by the day in which they started. */
  #buffer = new Map<number, string[]>();
  #calls = 0;
  #characters = 0;
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> | undefined;
  #prunedOn: number | undefined;
  #warned = false;
  #state: 'open' | 'exiting' | 'closed' = 'open';
  readonly #onExit = (): void => {
    this.#state = 'exiting';
    this.#writeOut();
  };

  constructor(options: LedgerWriterOptions) {
    this.#dir = resolve(options.dir ?? LEDGER_DIR);
    this.#instance = options.instance ?? `${process.pid}-${randomBytes(4).toString('hex')}`;
    this.#maxBytes = options.maxBytes ?? 64 * 1024 * 1024;
    this.#keepDays = options.keepDays ?? 30;
    this.#now = options.now ?? Date.now;
    this.#warn = options.onWarning ?? (() => {});
    this.#resource = options.resource;
    this.#resourceText = encodeAttributes(options.resource);
    process.once('exit', this.#onExit);
  }

  write(record: CallRecord): void {
    if (this.#state === 'closed') return;
    try {
      this.#take(dayOf(record.startTime), encodeSpan(record, this.#resource));
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (this.#state === 'exiting') this.#writeOut();
    else if (this.#calls >= MAX_CALLS || this.#characters >= MAX_CHARACTERS) this.#overflow();
    else this.#timer ??= setTimeout(() => void this.flush(), FLUSH_MS).unref();
  }

  async flush(): Promise<void> {
    while (this.#flushing) await this.#flushing;
    if (this.#calls === 0) return;
    this.#flushing = this.#appendAll();
    await this.#flushing;
    this.#flushing = undefined;
  }

  close(): void {
    if (this.#state === 'closed') return;
    process.removeListener('exit', this.#onExit);
    this.#writeOut();
    this.#state = 'closed';
    for (const file of this.#files.values()) file.close();
    this.#files.clear();
  }

  #take(day: number, span: string): void {
    const spans = this.#buffer.get(day);
    if (spans) spans.push(span);
    else this.#buffer.set(day, [span]);
    this.#calls += 1;
    this.#characters += span.length;
  }

  /** A disk that is slower than the calls must not let the buffer grow: then the app waits for it once. */
  #overflow(): void {
    if (this.#flushing) this.#writeOut();
    else void this.flush();
  }

  async #appendAll(): Promise<void> {
    for (const [day, text] of this.#drain()) {
      try {
        await this.#file(day).append(text);
      } catch (error) {
        this.#fail(error);
      }
    }
    this.#letGo();
  }

  /** At the end of the process, and where the buffer would overflow: without the event loop. */
  #writeOut(): void {
    for (const file of this.#files.values()) {
      try {
        file.settle();
      } catch (error) {
        this.#fail(error);
      }
    }
    for (const [day, text] of this.#drain()) {
      try {
        this.#file(day).appendSync(text);
      } catch (error) {
        this.#fail(error);
      }
    }
  }

  #drain(): [day: number, text: string][] {
    const batches = [...this.#buffer].map(([day, spans]): [number, string] => [day, this.#lines(spans)]);
    this.#buffer = new Map();
    this.#calls = 0;
    this.#characters = 0;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return batches;
  }

  #lines(spans: readonly string[]): string {
    let text = '';
    for (let from = 0; from < spans.length; from += SPANS_PER_LINE) {
      text += `${encodeLine(this.#resourceText, spans.slice(from, from + SPANS_PER_LINE))}\n`;
    }
    return text;
  }

  #file(day: number): LedgerFile {
    this.#pruneDaily();
    const known = this.#files.get(day);
    if (known) return known;
    const file = new LedgerFile({ dir: this.#dir, day, instance: this.#instance, maxBytes: this.#maxBytes });
    this.#files.set(day, file);
    return file;
  }

  #pruneDaily(): void {
    const today = dayOf(this.#now());
    if (this.#prunedOn === today) return;
    this.#prunedOn = today;
    prune(this.#dir, this.#keepDays, this.#now());
  }

  /** Keeps today's file open; a call that started earlier and ended late opens its own again. */
  #letGo(): void {
    const today = dayOf(this.#now());
    for (const [day, file] of this.#files) if (day !== today) file.close();
  }

  #fail(error: unknown): void {
    if (this.#warned) return;
    this.#warned = true;
    const reason = error instanceof Error ? error.message : String(error);
    try {
      this.#warn(
        `The ledger in ${this.#dir} cannot be written (${reason}). Calls are not recorded there until it can; the app is not affected. ` +
          'Free the disk, make the folder writable, or set TOKENMETER_LEDGER=0.',
      );
    } catch {
      // The app's logger is not our business.
    }
  }
}
