/**
 * State in Redis: exact across processes and hosts.
 *
 * In a cell, `others` is what Redis said last (the calls of this process among it), and `own` what it has not confirmed yet.
 * So an account knows what is spent also while Redis does not answer: it counts on, and every settlement waits with its id
 * until Redis takes it, once. What waits is bounded; what is past the bound is added up by cell.
 */
import { isShort } from '../../budget.ts';
import type { Account } from '../../evaluate/account.ts';
import type { Ask, Booking, Claim, Held, SharedState, Verdict } from '../state.ts';
import type { RedisPackage } from './client.ts';
import { Connection, within } from './connection.ts';
import { RedisClaims } from './edges.ts';
import { heldIn, totalsIn } from './hashes.ts';
import { KeySpace } from './key-space.ts';
import { Known } from './known.ts';
import { ADMIT, READ, SETTLE } from './scripts.ts';
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

/** Opens the connection in the background; until it is there, the process counts for itself. Never throws. */
export function redisState(options: RedisStateOptions): SharedState {
  return new RedisState(options);
}

class RedisState implements SharedState {
  readonly name: string;
  readonly keepsRequests = true;
  readonly isShared = true as const;
  readonly #readOnly: boolean;
  readonly #holdMs: number;
  readonly #warn: (message: string) => void;
  readonly #accounts = new Map<string, Account>();
  readonly #waiting = new Waiting();
  readonly #known: Known;
  readonly #claims: RedisClaims;
  readonly #space: KeySpace;
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
    this.#readOnly = readOnly;
    this.#holdMs = holdSeconds * 1000;
    this.#warn = onWarning;
    this.#connection = new Connection({ url, client, onWarning, onUp: () => void this.#repair() });
    this.name = this.#connection.name;
    this.#space = new KeySpace({ connection: this.#connection, prefix, onEmptied: () => this.#emptied() });
    this.#claims = new RedisClaims(this.#space);
    this.#known = new Known({
      space: this.#space,
      expiryOf: (account) => this.#expiry(account),
      holdMs: this.#holdMs,
      take: (accounts, hashes) => this.#take(accounts, hashes),
    });
    this.#ready = this.#prepare();
    this.#timers.push(
      setInterval(() => void this.#repair(), REPAIR_MS).unref(),
      setInterval(() => void (this.isUp && this.#known.renew()), this.#holdMs / 3).unref(),
    );
  }

  get id(): string {
    return this.#space.id ?? 'redis';
  }

  get skew(): number {
    return this.#space.skew;
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
    await this.#space.run(READ, [...this.#space.keysOf(account)], [], (hashes) => this.#take([account], hashes));
  }

  changed(): void {}

  async keys(): Promise<string[]> {
    await this.#ready;
    const keys = await this.#space.command(['SMEMBERS', this.#space.key('keys')]);
    return Array.isArray(keys) ? keys.map(String) : [];
  }

  async claim(claim: Claim): Promise<Claim> {
    return this.#readOnly ? claim : this.#claims.claim(claim);
  }

  async claims(): Promise<Claim[]> {
    if (this.#readOnly) return [];
    await this.#ready;
    return this.#claims.all();
  }

  release(claim: Claim): void {
    this.#claims.release(claim);
  }

  listen(changed: (account: Account) => void): void {
    this.#listener = changed;
  }

  async admit(asks: readonly Ask[]): Promise<Verdict> {
    // The first calls of a process find the connection being made.
    if (this.#connection.isNew) await within(ADMIT_MS, this.#ready);
    if (!this.isUp) return { down: true };
    const held: Held = { id: newId(), of: new Map(asks.map(({ account, asked }) => [account, asked])) };
    // Where there is no answer in time, it may be held all the same: then it is let go when the call is settled.
    const verdict = (await within(ADMIT_MS, this.#decide(asks, held))) ?? { down: true, held };
    if (verdict.held && !verdict.down) this.#known.hold(held.id, this.#space.settledKey(held.id), asks);
    return verdict;
  }

  async #decide(asks: readonly Ask[], held: Held): Promise<Verdict> {
    const keys = asks.flatMap(({ account }) => this.#space.keysOf(account));
    const accounts = asks.map(({ account }) => account);
    // A second time where Redis was emptied: what is known is put back first.
    for (const isLast of [false, true]) {
      const args = [held.id, String(this.#holdMs), (isLast ? undefined : this.#space.id) ?? ''];
      for (const { account, asked } of asks) {
        args.push(...[account.from, account.budget.amount, asked, this.#expiry(account)].map(String));
      }
      let verdict: Verdict | undefined = { down: true, held };
      await this.#space.run(ADMIT, keys, args, ([refused, ...hashes]) => {
        if (Number(refused) < 0) {
          verdict = undefined;
          return;
        }
        this.#take(accounts, hashes);
        const at = Number(refused) - 1;
        const by = asks[at];
        verdict = by ? { refused: by.account, inFlight: heldIn(hashes[at]) } : { held };
      });
      if (verdict) return verdict;
      await this.#known.putBack();
    }
    return { down: true, held };
  }

  settle(bookings: readonly Booking[], held: Held | undefined): void {
    const id = held?.id ?? newId();
    this.#known.letGo(id);
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
    await Promise.all([ADMIT, SETTLE].map((script) => this.#space.command(['SCRIPT', 'LOAD', script])));
    await this.#space.run(READ, [], [], () => {});
  }

  /** Sends what waits; the answer to the first says whether Redis is there. */
  async #repair(): Promise<void> {
    if (this.#closed) return;
    await this.#connection.connect();
    // While calls are held for, so that it is soon seen that Redis was emptied.
    if (!this.isUp || this.#known.isHolding) await this.#space.run(READ, [], [], () => {});
    if (!this.isUp) return;
    await this.#known.putBack();
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
        ...[cell.slot, account.kept, quantity, countAt ?? '', held.get(account) ?? 0, this.#expiry(account)].map(
          String,
        ),
        isShort(account.budget.window.kind) ? '' : account.key,
      );
    }
    const accounts = bookings.map(({ account }) => account);
    const keys = [
      this.#space.settledKey(id),
      this.#space.key('keys'),
      ...accounts.flatMap((account) => this.#space.keysOf(account)),
    ];
    await this.#space.run(SETTLE, keys, args, (hashes) => {
      this.#waiting.confirm(settlement);
      this.#take(accounts, hashes);
    });
  }

  #emptied(): void {
    this.#warn(
      `${this.name} was emptied. What this process knows to be spent and holds is put back; what only others knew that are gone is lost.`,
    );
    this.#known.remember(this.#accounts.values());
    void this.#known.putBack();
  }

  /** Takes over what Redis says of accounts. */
  #take(accounts: readonly Account[], hashes: readonly unknown[]): void {
    for (const [index, account] of accounts.entries()) {
      for (const [slot, sum] of totalsIn(hashes[index])) if (slot >= account.kept) account.cell(slot).others = sum;
      account.recount();
      this.#listener(account);
    }
  }

  /** When nobody asks for the account any more, Unix milliseconds. */
  #expiry({ budget, until }: Account): number {
    const { window } = budget;
    const now = Math.ceil(Date.now() + this.skew);
    if (window.kind === 'calendar') return Math.ceil(until) + KEEP_MS;
    return now + (window.kind === 'rolling' ? Math.ceil(window.milliseconds * 2.1) + SETTLED_MS : SETTLED_MS);
  }
}
