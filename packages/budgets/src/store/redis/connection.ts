/**
 * One connection to Redis that is made again when it is lost, by a timer that keeps no process alive: only an answer that is
 * waited for does, for at most a second. It tells once that Redis is gone, and once that it is back.
 */
import { openClient, type RedisClient, type RedisPackage } from './client.ts';

export interface ConnectionOptions {
  readonly url: string;
  readonly client?: RedisPackage;
  readonly onWarning: (message: string) => void;
  /** It answers, for the first time or again. */
  readonly onUp: () => void;
}

const CONNECT_MS = 3000;
const ANSWER_MS = 1000;
/** So many answers in a row that do not come make a connection worth nothing. */
const MOST_LATE = 3;

export class Connection {
  /** For messages: without secrets. */
  readonly name: string;
  /** Settles when the first connection was made or failed; never rejects. */
  readonly ready: Promise<void>;
  readonly #options: ConnectionOptions;
  #client: RedisClient | undefined;
  #connecting: Promise<void> | undefined;
  #underWay = 0;
  #late = 0;
  #up = false;
  #wasUp = false;
  #warned = false;
  #closed = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.name = `Redis at ${withoutSecrets(options.url)}`;
    this.ready = this.connect();
  }

  /** Whether it answered last time. */
  get isUp(): boolean {
    return this.#up;
  }

  /** Whether the first connection is being made still. */
  get isNew(): boolean {
    return !this.#wasUp && !this.#warned;
  }

  /** Connects where there is no connection. Never rejects. */
  connect(): Promise<void> {
    if (this.#client !== undefined || this.#closed) return Promise.resolve();
    this.#connecting ??= this.#open().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  /**
   * The answer; undefined where Redis refuses or does not answer in time. Never rejects. `ifUnknown`: the command to send
   * where Redis does not know the script.
   */
  async command(args: readonly string[], ifUnknown?: () => readonly string[]): Promise<unknown> {
    const client = this.#client;
    if (client === undefined) return undefined;
    if (++this.#underWay === 1) client.hold(true);
    try {
      const sent = client.command(args).catch((error: unknown) => {
        if (!ifUnknown || !(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
        return client.command(ifUnknown());
      });
      const answer = await within(ANSWER_MS, sent);
      if (answer === undefined) this.#isLate(client);
      else this.#isUp();
      return answer;
    } catch (error) {
      this.#lose(client, error);
      return undefined;
    } finally {
      if (--this.#underWay === 0) client.hold(false);
    }
  }

  close(): void {
    this.#closed = true;
    this.#client?.close();
    this.#client = undefined;
  }

  async #open(): Promise<void> {
    let client: RedisClient | undefined;
    try {
      client = openClient(this.#options.url, this.#options.client, CONNECT_MS, (error) => {
        if (client && client === this.#client) this.#lose(client, error);
      });
      const connected = await within(
        CONNECT_MS,
        client.connected.then(() => true),
      );
      if (!connected) throw new Error(`no connection within ${CONNECT_MS} ms`);
      if (this.#closed) client.close();
      else {
        client.hold(false);
        this.#client = client;
        this.#isUp();
      }
    } catch (error) {
      client?.close();
      this.#down(error);
    }
  }

  /** It may only be slow: the connection stays, for a while. */
  #isLate(client: RedisClient): void {
    this.#late += 1;
    const error = new Error(`no answer within ${ANSWER_MS} ms`);
    if (this.#late < MOST_LATE) this.#down(error);
    else this.#lose(client, error);
  }

  #lose(client: RedisClient, error: unknown): void {
    if (client === this.#client) this.#client = undefined;
    client.close();
    this.#down(error);
  }

  #isUp(): void {
    this.#late = 0;
    if (this.#up) return;
    this.#up = true;
    if (this.#warned) this.#options.onWarning(`${this.name} answers again; what was spent meanwhile is added to it.`);
    this.#warned = false;
    this.#wasUp = true;
    this.#options.onUp();
  }

  #down(error: unknown): void {
    this.#up = false;
    if (this.#warned || this.#closed) return;
    this.#warned = true;
    const reason = error instanceof Error ? error.message || error.name : String(error);
    const meanwhile = this.#wasUp
      ? 'Budgets count on in this process, and what it spends is added when Redis is back.'
      : 'Budgets count in this process alone until it does.';
    this.#options.onWarning(`${this.name} does not answer (${reason}). ${meanwhile}`);
  }
}

/**
 * Undefined where it takes longer, by the time of an event loop that is free: what a busy one has not sent, or not read yet,
 * is nobody's delay.
 */
export async function within<T>(milliseconds: number, work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  let begin: NodeJS.Immediate | undefined;
  const late = new Promise<undefined>((resolve) => {
    begin = setImmediate(() => {
      timer = setTimeout(() => setImmediate(() => setImmediate(resolve, undefined)), milliseconds);
      timer.unref();
    });
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearImmediate(begin);
    clearTimeout(timer);
  }
}

function withoutSecrets(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url);
    return `${protocol}//${host}${pathname}`;
  } catch {
    return 'the given URL';
  }
}
