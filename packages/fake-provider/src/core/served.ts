/**
 * The count of what was served: one entry for each attempt, and sums that tests compare with.
 *
 * An entry is `open` until its answer is out or given up. Sums of tokens are over `completed` attempts of routes that
 * cost something. An answer counts as completed when its last byte has been handed to the socket: a client that leaves a
 * stream early is seen only if events are still to come, so tests of that set `chunkDelayMs`.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { add, type Consumption, NOTHING } from './consumption.ts';
import type { Operation, ProviderName } from './exchange.ts';
import type { Json } from './json.ts';

/**
 * - `completed`: a whole answer with a 2xx status
 * - `refused`: an error status
 * - `broken`: we broke it off: dead socket, error inside the stream, half a JSON body
 * - `canceled`: the client went away first
 */
export type ServedOutcome = 'open' | 'completed' | 'refused' | 'broken' | 'canceled';

/** One attempt. Entries carry what a test needs to price them by its own arithmetic. */
export interface ServedEntry {
  /** Counts from 0 since the last reset. */
  readonly index: number;
  readonly provider: ProviderName;
  readonly operation: Operation;
  readonly path: string;
  /** Costs nothing by its nature. */
  readonly free: boolean;
  /** 1 for the first attempt of a call, 2 for its first retry. */
  readonly attempt: number;
  readonly stream: boolean;
  readonly requestModel: string | undefined;
  /** The model that the answer names; before the answer, the one that it would name. */
  readonly responseModel: string | undefined;
  readonly responseId: string | undefined;
  readonly requestId: string;
  readonly serviceTier: string | undefined;
  readonly status: number | undefined;
  readonly outcome: ServedOutcome;
  /** The kind of the fault that the plan asked for. */
  readonly fault: string | undefined;
  /** The provider's own usage object as the answer carries it at its end; undefined when it carries none. */
  readonly usage: unknown;
  /** What the call consumed, whatever the body says of it; undefined when there was no answer. */
  readonly consumed: Consumption | undefined;
  /** Events of the stream. */
  readonly chunks: { readonly sent: number; readonly total: number };
  /** Kept for the last requests only (`keepRequests`). */
  readonly headers: IncomingHttpHeaders | undefined;
  readonly body: Json | undefined;
}

/** Sums over attempts. */
export interface ServedSum {
  /** First attempts. */
  readonly calls: number;
  readonly attempts: number;
  readonly completed: number;
  readonly refused: number;
  readonly broken: number;
  readonly canceled: number;
  /** Of completed attempts. */
  readonly usage: Consumption;
}

export interface ServedTotals extends ServedSum {
  /** By response model. */
  readonly byModel: Readonly<Record<string, ServedSum>>;
  /** Attempts on routes that cost nothing; they are in no other number. */
  readonly free: number;
}

export interface Served {
  readonly entries: readonly ServedEntry[];
  readonly totals: ServedTotals;
}

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** An entry while its attempt goes on. */
export type OpenEntry = Mutable<ServedEntry>;

const EMPTY: ServedSum = {
  calls: 0,
  attempts: 0,
  completed: 0,
  refused: 0,
  broken: 0,
  canceled: 0,
  usage: NOTHING,
};

export interface RegisterLimits {
  /** Requests whose headers and body are kept. */
  readonly keepRequests: number;
  /** Entries that are kept; sums go on. */
  readonly keepEntries: number;
}

/** Keeps the entries and their sums. */
export class Register {
  readonly #limits: RegisterLimits;
  #entries: OpenEntry[] = [];
  readonly #open = new Set<OpenEntry>();
  #count = 0;
  #free = 0;
  #sum: ServedSum = EMPTY;
  #byModel = new Map<string, ServedSum>();

  constructor(limits: RegisterLimits) {
    this.#limits = limits;
  }

  /** Opens an entry. */
  begin(facts: Omit<ServedEntry, 'index' | 'outcome' | 'usage' | 'consumed' | 'chunks' | 'status'>): OpenEntry {
    const entry: OpenEntry = {
      ...facts,
      index: this.#count++,
      outcome: 'open',
      status: undefined,
      usage: undefined,
      consumed: undefined,
      chunks: { sent: 0, total: 0 },
    };
    this.#entries.push(entry);
    this.#open.add(entry);
    const forgotten = this.#entries[this.#entries.length - 1 - this.#limits.keepRequests];
    if (forgotten) forgotten.headers = forgotten.body = undefined;
    if (this.#entries.length > this.#limits.keepEntries) this.#entries.shift();
    if (entry.free) this.#free++;
    else this.#book(entry.responseModel, { ...EMPTY, attempts: 1, calls: entry.attempt === 1 ? 1 : 0 });
    return entry;
  }

  /** Closes an entry; the first call counts. */
  end(entry: OpenEntry, outcome: Exclude<ServedOutcome, 'open'>): void {
    if (!this.#open.delete(entry)) return;
    entry.outcome = outcome;
    if (entry.free) return;
    const usage = outcome === 'completed' ? (entry.consumed ?? NOTHING) : NOTHING;
    this.#book(entry.responseModel, { ...EMPTY, [outcome]: 1, usage });
  }

  /** A copy that later requests don't change. */
  read(): Served {
    return {
      entries: this.#entries.map((entry) => ({ ...entry })),
      totals: { ...this.#sum, byModel: Object.fromEntries(this.#byModel), free: this.#free },
    };
  }

  /** Forgets everything. Attempts that are still open will not be counted. */
  reset(): void {
    this.#entries = [];
    this.#open.clear();
    this.#count = this.#free = 0;
    this.#sum = EMPTY;
    this.#byModel.clear();
  }

  #book(model: string | undefined, change: ServedSum): void {
    this.#sum = plus(this.#sum, change);
    const key = model ?? 'unknown';
    this.#byModel.set(key, plus(this.#byModel.get(key) ?? EMPTY, change));
  }
}

function plus(left: ServedSum, right: ServedSum): ServedSum {
  return {
    calls: left.calls + right.calls,
    attempts: left.attempts + right.attempts,
    completed: left.completed + right.completed,
    refused: left.refused + right.refused,
    broken: left.broken + right.broken,
    canceled: left.canceled + right.canceled,
    usage: add(left.usage, right.usage),
  };
}
