/** Sums over calls. Money is exact: BigInt pico-USD. Every sum carries its coverage: calls by cost status. */
import { COST_STATUSES, type CostStatus } from '@tokenmeter/pricing';
import { UNTAGGED } from '@tokenmeter/semconv';
import type { CallRecord } from '../record.ts';
import { type KeyReader, keyReader } from './keys.ts';

export interface Sums {
  readonly calls: number;
  /** HTTP attempts; a call whose attempts cannot be seen counts as one. */
  readonly attempts: number;
  /** Calls that failed. */
  readonly errors: number;
  /** Tokens, of the calls whose usage is known or estimated. */
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  /** pico-USD of the calls whose amount is known: `priced`, `free` and `estimated`. */
  readonly cost: bigint;
  /** The coverage of `cost`; adds up to `calls`. */
  readonly byStatus: Readonly<Record<CostStatus, number>>;
}

export interface Group extends Sums {
  /** One value per key of `by`; undefined where the calls have none. */
  readonly keys: readonly (string | undefined)[];
}

export interface Summary {
  readonly by: readonly string[];
  /** Dearest first; then by calls, then by keys. */
  readonly groups: readonly Group[];
  readonly total: Sums;
  /** Calls with a feature. */
  readonly tagged: number;
  /** Versions of the price book that priced the calls, sorted. */
  readonly priceVersions: readonly string[];
}

export interface GroupingOptions {
  /** Keys as in {@link keyReader}. Empty: one group. */
  readonly by: readonly string[];
  /** IANA name, for `day` and `hour`. Default: UTC. */
  readonly timeZone?: string;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
type Running = Mutable<Omit<Sums, 'byStatus'>> & { readonly byStatus: Record<CostStatus, number> };

const SEPARATOR = '\u0000';

/** Adds calls one by one. Memory grows with the number of groups only. */
export class Accumulator {
  readonly #by: readonly string[];
  readonly #readers: readonly KeyReader[];
  readonly #groups = new Map<string, Running & { readonly keys: readonly (string | undefined)[] }>();
  readonly #versions = new Set<string>();
  #tagged = 0;

  /** Throws a RangeError for an unknown time zone. */
  constructor({ by, timeZone }: GroupingOptions) {
    this.#by = by;
    this.#readers = by.map((key) => keyReader(key, timeZone));
  }

  add(call: CallRecord): void {
    const keys = this.#readers.map((read) => read(call));
    addCall(this.#group(keys), call);
    if (call.attribution.feature !== UNTAGGED) this.#tagged += 1;
    if (call.cost.version !== '') this.#versions.add(call.cost.version);
  }

  /** Takes in the sums of another accumulator with the same `by`. */
  merge(other: Accumulator): void {
    for (const group of other.#groups.values()) addSums(this.#group(group.keys), group);
    this.#tagged += other.#tagged;
    for (const version of other.#versions) this.#versions.add(version);
  }

  summary(): Summary {
    const groups = [...this.#groups.values()];
    const total = zero();
    for (const group of groups) addSums(total, group);
    return {
      by: this.#by,
      groups: groups.sort(dearestFirst),
      total,
      tagged: this.#tagged,
      priceVersions: [...this.#versions].sort(),
    };
  }

  #group(keys: readonly (string | undefined)[]): Running {
    const id = keys.length === 1 ? (keys[0] ?? '') : keys.join(SEPARATOR);
    const known = this.#groups.get(id);
    if (known) return known;
    const group = { keys, ...zero() };
    this.#groups.set(id, group);
    return group;
  }
}

/** Sums over any calls. */
export async function summarise(
  calls: AsyncIterable<CallRecord> | Iterable<CallRecord>,
  options: GroupingOptions,
): Promise<Summary> {
  const sums = new Accumulator(options);
  for await (const call of calls) sums.add(call);
  return sums.summary();
}

function zero(): Running {
  const byStatus = Object.fromEntries(COST_STATUSES.map((status) => [status, 0])) as Record<CostStatus, number>;
  return { calls: 0, attempts: 0, errors: 0, input: 0, output: 0, cacheRead: 0, cost: 0n, byStatus };
}

function addCall(sums: Running, { attempts, outcome, usage, cost }: CallRecord): void {
  sums.calls += 1;
  sums.attempts += attempts ?? 1;
  if (outcome === 'failed') sums.errors += 1;
  if (usage) {
    sums.input += usage.input ?? 0;
    sums.output += usage.output ?? 0;
    sums.cacheRead += usage.cacheRead ?? 0;
  }
  if (cost.pico !== undefined) sums.cost += cost.pico;
  sums.byStatus[cost.status] += 1;
}

function addSums(sums: Running, more: Sums): void {
  sums.calls += more.calls;
  sums.attempts += more.attempts;
  sums.errors += more.errors;
  sums.input += more.input;
  sums.output += more.output;
  sums.cacheRead += more.cacheRead;
  sums.cost += more.cost;
  for (const status of COST_STATUSES) sums.byStatus[status] += more.byStatus[status];
}

function dearestFirst(a: Group, b: Group): number {
  if (a.cost !== b.cost) return a.cost > b.cost ? -1 : 1;
  if (a.calls !== b.calls) return b.calls - a.calls;
  return a.keys.join(SEPARATOR) < b.keys.join(SEPARATOR) ? -1 : 1;
}
