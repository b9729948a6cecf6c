/**
 * The queue of one channel: bounded, one after the other, each tried again as far as its policy goes. A channel that is
 * slow or gone keeps nobody waiting but what stands behind in its own queue.
 *
 * It does not keep a process alive: between requests it waits on timers that are unref'd. What is left when the event loop
 * runs empty is for `flush`, which does keep it alive, for a bounded time. `close` hands over what is left at the very end.
 */
import type { PostResult } from './post.ts';

export interface RetryPolicy {
  /** Is it worth trying again after this status (undefined: no answer)? */
  readonly again: (status: number | undefined) => boolean;
  /** Tries in all. */
  readonly tries: number;
  /** First wait; each further one is twice as long, up to half of it at random. `Retry-After` goes before. */
  readonly backoffMs: number;
}

export interface QueueOptions {
  readonly retry: RetryPolicy;
  readonly timeoutMs: number;
  /** `onGone`: from now on, the receiver may have it. */
  readonly post: (body: string, timeoutMs: number, onGone: () => void) => Promise<PostResult>;
  /** Told of each item that was given up, with the reason. */
  readonly onFailed: (item: Item, reason: string) => void;
  readonly onSent: () => void;
}

/** One body to send. */
export interface Item {
  readonly body: string;
  /** What it says, for the log, should it be lost. */
  readonly lost: readonly string[];
  /** Repeats what was told before. */
  readonly repeats?: boolean;
}

export const MOST_QUEUED = 100;
/** A server that asks for more patience than this is not waited for. */
const LONGEST_WAIT_MS = 5 * 60_000;
/** After a `flush` that did not get everything out: the process may end meanwhile. */
const REST_MS = 1000;

export class DeliveryQueue {
  readonly #options: QueueOptions;
  readonly #items: Item[] = [];
  #work: Promise<void> | undefined;
  /** The receiver did not answer the last time. */
  #late = false;
  /** No answer yet, but it may have been taken. */
  #gone: Item | undefined;
  /** A `flush` did not get everything out. */
  #tooSlow = false;
  #closed = false;
  /** While `flush` runs: when it ends, and how it ends earlier. */
  #flush: { readonly deadline: number; readonly end: () => void } | undefined;
  /** Nothing is begun before this moment. */
  #restUntil = 0;
  #wake: () => void = () => {};

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  /** Takes an item; where there is no room, the oldest that is not on its way makes some. */
  add(item: Item): void {
    if (this.#items.length >= MOST_QUEUED) {
      const [oldest] = this.#items.splice(1, 1);
      if (oldest) this.#options.onFailed(oldest, 'too many alerts wait');
    }
    this.#items.push(item);
    if (this.#closed) return;
    this.#work ??= this.#send().finally(() => {
      this.#work = undefined;
    });
  }

  /**
   * Resolves when everything is sent or given up, or after `timeoutMs`; earlier where the receiver does not answer: a
   * process that ends waits for it once.
   */
  async flush(timeoutMs: number): Promise<void> {
    if (!this.#work || this.#late) return;
    let timer: NodeJS.Timeout | undefined;
    const ended = new Promise<void>((end) => {
      timer = setTimeout(end, timeoutMs);
      this.#flush = { deadline: Date.now() + timeoutMs, end };
    });
    this.#wake();
    await Promise.race([this.#work, ended]);
    clearTimeout(timer);
    this.#flush = undefined;
    this.#tooSlow = this.#items.length > 0;
  }

  /** From now on, what is added waits for {@link leave}. */
  close(): void {
    this.#closed = true;
  }

  /**
   * The end of the process: takes out what is worth another try, and gives up the rest. Not where the receiver has been
   * waited for already, and not what may have been taken, unless that can be repeated. Synchronous.
   */
  leave(): Item[] {
    const items = this.#items.splice(0);
    const isWorth = (item: Item): boolean =>
      !this.#late && !this.#tooSlow && (item !== this.#gone || this.#options.retry.again(undefined));
    for (const item of items) if (!isWorth(item)) this.fail(item, 'the process ended');
    return items.filter(isWorth);
  }

  /** Gives an item up that {@link leave} has returned. */
  fail(item: Item, reason: string): void {
    this.#options.onFailed(item, reason);
  }

  async #send(): Promise<void> {
    for (let item = this.#items[0]; item !== undefined; item = this.#items[0]) {
      const failure = await this.#deliver(item);
      // It may have been abandoned meanwhile.
      if (this.#items[0] === item) {
        this.#items.shift();
        if (failure === undefined) this.#options.onSent();
        else this.#options.onFailed(item, failure);
      }
      if (this.#flush && (this.#late || this.#left() <= 0)) this.#rest(this.#flush.end);
      // Here a process that has nothing else to do may end.
      await this.#pause(0);
    }
  }

  /** Why it was given up; undefined when it was taken. */
  async #deliver(item: Item): Promise<string | undefined> {
    const { body } = item;
    const { retry, post, timeoutMs } = this.#options;
    for (let tried = 1; ; tried++) {
      const result = await post(body, Math.min(timeoutMs, this.#left()), () => {
        this.#gone = item;
      });
      this.#gone = undefined;
      this.#late = !result.ok && result.late === true;
      if (result.ok) return undefined;
      if (tried >= retry.tries || !retry.again(result.status)) return result.reason;
      const wait = result.retryAfter ?? retry.backoffMs * 2 ** (tried - 1) * (1 - Math.random() / 2);
      if (wait > LONGEST_WAIT_MS) return result.reason;
      await this.#pause(wait);
    }
  }

  /** `flush` ends, and the process may end before anything else is begun. */
  #rest(end: () => void): void {
    this.#restUntil = Date.now() + REST_MS;
    this.#flush = undefined;
    end();
  }

  #left(): number {
    return this.#flush === undefined ? Number.POSITIVE_INFINITY : this.#flush.deadline - Date.now();
  }

  /** Waits; while `flush` runs only as long as it does, and then the process waits, too. */
  async #pause(milliseconds: number): Promise<void> {
    const until = Math.max(Date.now() + milliseconds, this.#restUntil);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, until - Date.now()).unref();
      this.#wake = () => {
        if (until - Date.now() <= this.#left()) timer.ref();
        else {
          clearTimeout(timer);
          resolve();
        }
      };
      if (this.#flush) this.#wake();
    });
    this.#wake = () => {};
  }
}
