/**
 * The writing end of a ledger. A call is encoded when it ends and buffered as bytes: text that waits on the heap is copied by
 * every collection. The buffer goes to disk about once a second, when it is full, and synchronously at the end of the
 * process. A call is written to the file of the UTC day in which it started, so a closed day stays closed.
 *
 * Nothing here throws into the app. A disk that refuses is named once; the calls of that moment are lost and the app
 * runs on.
 */
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import type { Attributes } from '../attributes.ts';
import { encodeSpan, lineAround } from '../otlp/encode.ts';
import type { CallRecord } from '../record.ts';
import { LedgerFile } from './file.ts';
import { dayOf, LEDGER_DIR, prune } from './folder.ts';

const FLUSH_MS = 1000;
/** Buffer bounds. Past them the buffer is written out at once. */
const MAX_CALLS = 500;
const MAX_BYTES = 1_000_000;
/** A crash in mid-write loses one line at most: keep lines short, but say the resource only once for many calls. */
const SPANS_PER_LINE = 50;
const COMMA = Buffer.from(',');

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
  /** What stands between the calls of two lines, and around all. */
  readonly #around: { readonly head: Buffer; readonly between: Buffer; readonly tail: Buffer };
  readonly #files = new Map<number, LedgerFile>();
  /** Encoded spans by the day in which they started. */
  #buffer = new Map<number, Buffer[]>();
  #calls = 0;
  #bytes = 0;
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
    const [head, tail] = lineAround(options.resource);
    this.#around = {
      head: Buffer.from(head),
      between: Buffer.from(`${tail}\n${head}`),
      tail: Buffer.from(`${tail}\n`),
    };
    process.once('exit', this.#onExit);
  }

  write(record: CallRecord): void {
    if (this.#state === 'closed') return;
    try {
      this.#take(dayOf(record.startTime), Buffer.from(encodeSpan(record, this.#resource)));
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (this.#state === 'exiting') this.#writeOut();
    else if (this.#calls >= MAX_CALLS || this.#bytes >= MAX_BYTES) this.#overflow();
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

  #take(day: number, span: Buffer): void {
    const spans = this.#buffer.get(day);
    if (spans) spans.push(span);
    else this.#buffer.set(day, [span]);
    this.#calls += 1;
    this.#bytes += span.length;
  }

  /** A disk that is slower than the calls must not let the buffer grow: then the app waits for it once. */
  #overflow(): void {
    if (this.#flushing) this.#writeOut();
    else void this.flush();
  }

  async #appendAll(): Promise<void> {
    for (const [day, lines] of this.#drain()) {
      try {
        await this.#file(day).append(lines);
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
    for (const [day, lines] of this.#drain()) {
      try {
        this.#file(day).appendSync(lines);
      } catch (error) {
        this.#fail(error);
      }
    }
  }

  #drain(): [day: number, lines: Buffer][] {
    const batches = [...this.#buffer].map(([day, spans]): [number, Buffer] => [day, this.#lines(spans)]);
    this.#buffer = new Map();
    this.#calls = 0;
    this.#bytes = 0;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return batches;
  }

  #lines(spans: readonly Buffer[]): Buffer {
    const { head, between, tail } = this.#around;
    const parts = spans.flatMap((span, index) => {
      const before = index % SPANS_PER_LINE === 0 ? between : COMMA;
      return [index === 0 ? head : before, span];
    });
    return Buffer.concat([...parts, tail]);
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
