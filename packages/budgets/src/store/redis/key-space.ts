/**
 * The keys of one prefix in Redis, and the scripts that run over them. Each answer of a script begins with Redis's clock and
 * with the id of the key space, which is made anew when the space was emptied: that is how it is seen.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { Account } from '../../evaluate/account.ts';
import type { Connection } from './connection.ts';

export interface KeySpaceOptions {
  readonly connection: Connection;
  readonly prefix: string;
  /** It was emptied: before anything that its answer says is taken over. */
  readonly onEmptied: () => void;
}

export class KeySpace {
  /** Milliseconds by which Redis's clock is ahead of this process's. */
  skew = 0;
  readonly #options: KeySpaceOptions;
  readonly #hashes = new Map<string, string>();
  #id: string | undefined;

  constructor(options: KeySpaceOptions) {
    this.#options = options;
  }

  /** Undefined until Redis has answered. */
  get id(): string | undefined {
    return this.#id;
  }

  key(name: string): string {
    return `{${this.#options.prefix}}:${name}`;
  }

  keysOf({ key }: Account): [account: string, holds: string] {
    return [this.key(`a:${key}`), this.key(`h:${key}`)];
  }

  /** Exists when the call was settled. */
  settledKey(id: string): string {
    return this.key(`c:${id}`);
  }

  /** The answer; undefined where there is none in time. Never rejects. */
  command(args: readonly string[]): Promise<unknown> {
    return this.#options.connection.command(args);
  }

  /**
   * Runs a script; `then` gets its answer without time and id. False where Redis did not answer in time. Never rejects.
   *
   * @param keys without the id's, which is the first of every script
   * @param args without the proposed id
   */
  async run(
    script: string,
    keys: readonly string[],
    args: readonly string[],
    then: (answer: readonly unknown[]) => void,
  ): Promise<boolean> {
    const all = [this.key('id'), ...keys];
    // Never the same name twice: an emptied key space must get another one.
    const rest = [String(all.length), ...all, randomUUID(), ...args];
    const { connection } = this.#options;
    const answer = await connection.command(['EVALSHA', this.#hashOf(script), ...rest], () => [
      'EVAL',
      script,
      ...rest,
    ]);
    if (!Array.isArray(answer)) return false;
    const [now, id, ...more] = answer as unknown[];
    this.skew = Number(now) - Date.now();
    this.#isNamed(String(id));
    then(more);
    return true;
  }

  #isNamed(id: string): void {
    if (this.#id === id) return;
    const before = this.#id;
    this.#id = id;
    if (before !== undefined) this.#options.onEmptied();
  }

  #hashOf(script: string): string {
    const known = this.#hashes.get(script);
    if (known) return known;
    const hash = createHash('sha1').update(script).digest('hex');
    this.#hashes.set(script, hash);
    return hash;
  }
}
