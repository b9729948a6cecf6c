/**
 * State in Redis: exact across processes and hosts.
 *
 * In a cell, `others` is what Redis said last (the calls of this process among it), and `own` what it has not confirmed yet.
 * So an account knows what is spent also while Redis does not answer: it counts on, and every settlement waits with its id
 * until Redis takes it, once. What waits is bounded; what is past the bound is added up by cell.
 */
import { createHash, randomUUID } from 'node:crypto';
import { isShort } from '../../budget.ts';
import type { Account } from '../../evaluate/account.ts';
import { noTotals } from '../../windows/cells.ts';
import type { Ask, Booking, Claim, Held, SharedState, Verdict } from '../state.ts';
import { claimIdOf } from '../state.ts';
import type { RedisPackage } from './client.ts';
import { Connection, within } from './connection.ts';
import { ADMIT, READ, RENEW, RESTORE, SETTLE } from './scripts.ts';
import { newId, type Settlement, Waiting } from './waiting.ts';

export interface RedisStateOptions {
  /** `redis://…`, with its password. */
  readonly url: string;
  /** Default: whichever is installed. */
  readonly client?: RedisPackage;
  /** Default `tokenmeter`. */
  readonly prefix?: string;
  readonly onWarning?: (message: string) => void;
  /** Nothing is claimed: for whoever only looks. */
  readonly readOnly?: boolean;
  /** How long a hold outlives its process. A call that lives longer renews it. Default 60. */
  readonly holdSeconds?: number;
}

const HOLD_SECONDS = 60;
/** How long a settled call is remembered, so that it counts once. */
const SETTLED_MS = 3_600_000;
/** The longest that an admission waits. */
const ADMIT_MS = 50;
const REPAIR_MS = 500;
/** Settlements that are sent together when Redis is back. */
const AT_ONCE = 100;
const KEEP_MS = 86_400_000;

interface LiveHold {
  readonly account: Account;
  readonly member: string;
}

/** Opens the connection in the background; until it is there, the process counts for itself. Never throws. */
export function redisState(options: RedisStateOptions): SharedState {
  return new RedisState(options);
}

class RedisState implements SharedState {
  id = 'redis';
  readonly name: string;
  readonly keepsRequests = true;
  readonly isShared = true as const;
  skew = 0;
  readonly #prefix: string;
  readonly #readOnly: boolean;
  readonly #holdMs: number;
  readonly #warn: (message: string) => void;
  readonly #accounts = new Map<string, Account>();
  readonly #waiting = new Waiting();
  readonly #holds = new Map<string, readonly LiveHold[]>();
  /** What is to be put back in an emptied Redis, by account. */
  readonly #lost = new Map<Account, readonly string[]>();
  readonly #hashes = new Map<string, string>();
  #known: string | undefined;
  #closed = false;
  #listener: (account: Account) => void = () => {};
  readonly #connection: Connection;
  readonly #ready: Promise<void>;
  readonly #timers: NodeJS.Timeout[] = [];

  constructor({
    url,
    client,
    prefix = 'tokenmeter',
    onWarning = () => {},
    readOnly = false,
    holdSeconds = HOLD_SECONDS,
  }: RedisStateOptions) {
    this.#prefix = `{${prefix}}`;
    this.#readOnly = readOnly;
    this.#holdMs = holdSeconds * 1000;
    this.#warn = onWarning;
    this.#connection = new Connection({ url, client, onWarning, onUp: () => void this.#repair() });
    this.name = this.#connection.name;
    this.#ready = this.#prepare();
    this.#timers.push(
      setInterval(() => void this.#repair(), REPAIR_MS).unref(),
      setInterval(() => void this.#renew(), this.#holdMs / 3).unref(),
    );
  }

  get isUp(): boolean {
    return this.#connection.isUp;
  }

  ready(): Promise<void> {
    return this.#ready;
  }

  async open(account: Account): Promise<void> {
    this.#accounts.set(account.key, account);
    await this.#ready;
    await this.#run(READ, [...this.#keysOf(account)], [], (hashes) => this.#take([account], hashes));
  }

  changed(): void {}

  async keys(): Promise<string[]> {
    await this.#ready;
    const keys = await this.#command(['SMEMBERS', this.#key('keys')]);
    return Array.isArray(keys) ? keys.map(String) : [];
  }

  async claim(claim: Claim): Promise<Claim> {
    if (this.#readOnly) return claim;
    const field = claimIdOf(claim);
    const text = JSON.stringify(claim);
    const created = await this.#command(['HSETNX', this.#key('edges'), field, text]);
    if (created === undefined || Number(created) === 1) return claim;
    return parsed(await this.#command(['HGET', this.#key('edges'), field])) ?? { ...claim };
  }

  async claims(): Promise<Claim[]> {
    if (this.#readOnly) return [];
    await this.#ready;
    const all = await this.#command(['HGETALL', this.#key('edges')]);
    const oldest = Date.now() - 32 * KEEP_MS;
    const claims: Claim[] = [];
    for (const [field, text] of pairs(all)) {
      const claim = parsed(text);
      if (claim && (claim.end ?? claim.at) > oldest) claims.push(claim);
      else void this.#command(['HDEL', this.#key('edges'), field]);
    }
    return claims;
  }

  release(claim: Claim): void {
    void this.#command(['HDEL', this.#key('edges'), claimIdOf(claim)]);
  }

  listen(changed: (account: Account) => void): void {
    this.#listener = changed;
  }

  async admit(asks: readonly Ask[]): Promise<Verdict> {
    // The first calls of a process find the connection being made.
    if (this.#connection.isNew) await within(ADMIT_MS, this.#ready);
    if (!this.isUp) return { down: true };
    const id = newId();
    const args = [id, String(this.#holdMs)];
    for (const { account, asked } of asks) {
      args.push(String(account.from), String(account.budget.amount), String(asked), String(this.#expiry(account)));
    }
    const keys = asks.flatMap(({ account }) => this.#keysOf(account));
    let verdict: Verdict = { down: true };
    const holds = asks
      .filter(({ asked }) => asked > 0)
      .map(({ account, asked }): LiveHold => ({ account, member: `${id}|${asked}` }));
    const held: Held = { id, of: new Map(asks.map(({ account, asked }) => [account, asked])) };
    const answer = this.#run(ADMIT, keys, args, ([refused, ...hashes]) => {
      this.#take(
        asks.map(({ account }) => account),
        hashes,
      );
      const by = asks[Number(refused) - 1];
      verdict = by ? { refused: by.account, inFlight: heldIn(hashes[Number(refused) - 1]) } : { held };
    });
    if (!(await within(ADMIT_MS, answer))) {
      // It may be held there all the same: then it is let go when the call is settled.
      return { down: true, held };
    }
    if (verdict.held && holds.length > 0) this.#holds.set(id, holds);
    return verdict;
  }

  settle(bookings: readonly Booking[], held: Held | undefined): void {
    const id = held?.id ?? newId();
    this.#holds.delete(id);
    const all = [...bookings];
    for (const [account, asked] of held?.of ?? []) {
      // What was held where nothing is booked is let go.
      if (asked > 0 && !bookings.some((booking) => booking.account === account)) {
        all.push({ account, cell: account.cell(account.grid.slotOf(Date.now() + this.skew)), quantity: 0 });
      }
    }
    if (all.length === 0) return;
    const settlement = this.#waiting.add(id, all, held?.of ?? new Map());
    if (this.isUp) void this.#send(settlement);
  }

  async flush(): Promise<void> {
    await this.#repair();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#connection.close();
  }

  async #prepare(): Promise<void> {
    await this.#connection.ready;
    if (!this.isUp) return;
    await Promise.all([ADMIT, SETTLE].map((script) => this.#command(['SCRIPT', 'LOAD', script])));
    await this.#run(READ, [], [], () => {});
  }

  /** Sends what waits; the answer to the first says whether Redis is there. */
  async #repair(): Promise<void> {
    if (this.#closed) return;
    await this.#connection.connect();
    if (!this.isUp) await this.#run(READ, [], [], () => {});
    if (!this.isUp) return;
    await Promise.all([...this.#lost.keys()].map((account) => this.#restore(account)));
    // Not all at once: the last answers would come too late to be waited for.
    const waiting = this.#waiting.all();
    for (let at = 0; at < waiting.length && this.isUp; at += AT_ONCE) {
      await Promise.all(waiting.slice(at, at + AT_ONCE).map((settlement) => this.#send(settlement)));
    }
  }

  #send(settlement: Settlement): Promise<void> {
    settlement.sending ??= this.#settle(settlement).finally(() => {
      settlement.sending = undefined;
    });
    return settlement.sending;
  }

  async #settle(settlement: Settlement): Promise<void> {
    settlement.sent = true;
    const { id, bookings, held } = settlement;
    const args = [id, String(SETTLED_MS)];
    for (const { account, cell, quantity, countAt } of bookings) {
      args.push(
        ...[cell.slot, account.from, quantity, countAt ?? '', held.get(account) ?? 0, this.#expiry(account)].map(
          String,
        ),
        isShort(account.budget.window.kind) ? '' : account.key,
      );
    }
    const accounts = bookings.map(({ account }) => account);
    const keys = [this.#key(`c:${id}`), this.#key('keys'), ...accounts.flatMap((account) => this.#keysOf(account))];
    await this.#run(SETTLE, keys, args, (hashes) => {
      this.#waiting.confirm(settlement);
      this.#take(accounts, hashes);
    });
  }

  async #renew(): Promise<void> {
    const holds = [...this.#holds.values()].flat();
    if (!this.isUp || holds.length === 0) return;
    const keys = holds.map(({ account }) => this.#keysOf(account)[1]);
    await this.#run(RENEW, keys, [String(this.#holdMs), ...holds.map(({ member }) => member)], () => {});
  }

  /** Runs a script; `then` gets its answer without time and id. False where Redis did not answer in time. */
  async #run(
    script: string,
    keys: readonly string[],
    args: readonly string[],
    then: (answer: readonly unknown[]) => void,
  ): Promise<boolean> {
    const all = [this.#key('id'), ...keys];
    // Never the same name twice: an emptied key space must get another one.
    const rest = [String(all.length), ...all, randomUUID(), ...args];
    const answer = await this.#command(['EVALSHA', this.#hashOf(script), ...rest], () => ['EVAL', script, ...rest]);
    if (!Array.isArray(answer)) return false;
    const [now, id, ...more] = answer as unknown[];
    this.skew = Number(now) - Date.now();
    this.#named(String(id));
    then(more);
    return true;
  }

  #command(args: readonly string[], ifUnknown?: () => readonly string[]): Promise<unknown> {
    return this.#connection.command(args, ifUnknown);
  }

  /** The name of the key space: another one than before means that it was emptied. */
  #named(id: string): void {
    if (this.#known === id) return;
    const before = this.#known;
    this.#known = id;
    this.id = id;
    if (before === undefined) return;
    this.#warn(
      `${this.name} was emptied. What this process knows to be spent is put back; what only others knew is lost.`,
    );
    for (const account of this.#accounts.values()) this.#remember(account);
    for (const account of this.#lost.keys()) void this.#restore(account);
  }

  /** What an account is known to have spent, before the answers of an emptied Redis say less. */
  #remember(account: Account): void {
    const cells = [...account.cells.values()].filter(({ others }) => (others[0] ?? 0) > 0);
    if (cells.length === 0) return;
    const name = isShort(account.budget.window.kind) ? '' : account.key;
    const known = cells.flatMap(({ slot, others }) => [slot, ...others].map(String));
    this.#lost.set(account, [String(this.#expiry(account)), name, ...known]);
  }

  /** Until it is taken: what is put back twice counts once. */
  async #restore(account: Account): Promise<void> {
    const args = this.#lost.get(account);
    if (args === undefined) return;
    await this.#run(RESTORE, [this.#key('keys'), this.#keysOf(account)[0]], args, (hashes) => {
      this.#lost.delete(account);
      this.#take([account], hashes);
    });
  }

  /** Takes over what Redis says of accounts. */
  #take(accounts: readonly Account[], hashes: readonly unknown[]): void {
    for (const [index, account] of accounts.entries()) {
      const totals = new Map<number, number[]>();
      for (const [field, value] of pairs(hashes[index])) {
        const [slot = '', status = '0'] = field.split(':');
        if (!/^\d+$/.test(slot)) continue;
        const sum = totals.get(Number(slot)) ?? noTotals();
        sum[Number(status)] = Number(value);
        totals.set(Number(slot), sum);
      }
      for (const [slot, sum] of totals) if (slot >= account.from) account.cell(slot).others = sum;
      account.recount();
      this.#listener(account);
    }
  }

  #keysOf({ key }: Account): [account: string, holds: string] {
    return [this.#key(`a:${key}`), this.#key(`h:${key}`)];
  }

  #key(name: string): string {
    return `${this.#prefix}:${name}`;
  }

  /** When nobody asks for the account any more, Unix milliseconds. */
  #expiry({ budget, until }: Account): number {
    const { window } = budget;
    const now = Math.ceil(Date.now() + this.skew);
    if (window.kind === 'calendar') return Math.ceil(until) + KEEP_MS;
    return now + (window.kind === 'rolling' ? Math.ceil(window.milliseconds * 1.1) + SETTLED_MS : SETTLED_MS);
  }

  #hashOf(script: string): string {
    const known = this.#hashes.get(script);
    if (known) return known;
    const hash = createHash('sha1').update(script).digest('hex');
    this.#hashes.set(script, hash);
    return hash;
  }
}

/** A hash of Redis, in either protocol. */
function* pairs(answer: unknown): Generator<[field: string, value: string]> {
  if (Array.isArray(answer)) {
    for (let index = 0; index + 1 < answer.length; index += 2) yield [String(answer[index]), String(answer[index + 1])];
  } else if (typeof answer === 'object' && answer !== null) {
    for (const [field, value] of Object.entries(answer)) yield [field, String(value)];
  }
}

function heldIn(hash: unknown): number {
  for (const [field, value] of pairs(hash)) if (field === 'held') return Number(value);
  return 0;
}

function parsed(text: unknown): Claim | undefined {
  try {
    return JSON.parse(String(text)) as Claim;
  } catch {
    return undefined;
  }
}
