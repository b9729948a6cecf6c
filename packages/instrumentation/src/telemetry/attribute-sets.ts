/**
 * The attribute sets of one instrument, never more than its cap. Past 2,000 sets the OTel SDK keeps only the last
 * observation of what overflows, so money would vanish; here what does not fit is folded into `_other` by addition.
 *
 * A set that is in the table stays: a reported counter may not shrink. Only new sets fold, step by step: models first,
 * features last. Each step has room of its own, so that the sets that it folds into fit as well.
 */
import type { Attributes } from '@opentelemetry/api';
import { ATTR, OTHER, TOKENMETER_ATTR } from '@tokenmeter/semconv';
import { warnOnce } from '../state.ts';
import { type Series, same, type Value } from './series.ts';

/** Separates values in keys: no model or feature has it in its name. */
const SEPARATOR = '\u0001';

/** The keys that each step folds, in addition to those before it, and the share of the cap up to which it may add sets. */
const STEPS: readonly { readonly keys: readonly string[]; readonly share: number }[] = [
  { keys: [], share: 0.8 },
  { keys: [ATTR.requestModel, ATTR.responseModel], share: 0.92 },
  { keys: [TOKENMETER_ATTR.tenant, ATTR.errorType, ATTR.serverAddress, ATTR.serverPort], share: 0.96 },
  { keys: [ATTR.providerName, ATTR.operationName], share: 0.98 },
  { keys: [TOKENMETER_ATTR.team], share: 1 },
  { keys: [TOKENMETER_ATTR.feature, ATTR.environment], share: Number.POSITIVE_INFINITY },
];
const FOLDED_BY: readonly ReadonlySet<string>[] = STEPS.map(
  (_, step) => new Set(STEPS.slice(0, step + 1).flatMap(({ keys }) => keys)),
);
const LAST = STEPS.length - 1;

/** Fewer than this cannot hold the sets of the last step beside others. */
export const SMALLEST_CAP = 100;

export interface AttributeSetsOptions<T> {
  /** For the warning. */
  readonly instrument: string;
  /** Keys taken from the series. */
  readonly keys: readonly string[];
  /** Keys given with each look-up. They are enumerations, but for `error.type`. */
  readonly extraKeys: readonly string[];
  /** How many combinations of extra values the last step must hold: room is kept for them. */
  readonly extraSets: number;
  readonly cap: number;
  /** What is kept for a set. */
  readonly create: (attributes: Attributes) => T;
  /** Told of each value that a fold replaces, once for a set that is met again. */
  readonly onFolded: (key: string) => void;
}

let places = 0;

export class AttributeSets<T> {
  readonly #options: AttributeSetsOptions<T>;
  readonly #keys: readonly string[];
  readonly #limits: readonly number[];
  readonly #sets = new Map<string, T>();
  /** Where a series keeps the sets that its calls meet again. */
  readonly #place = places++;

  constructor(options: AttributeSetsOptions<T>) {
    this.#options = options;
    this.#keys = [...options.keys, ...options.extraKeys];
    const room = Math.max(options.cap, SMALLEST_CAP) - options.extraSets;
    this.#limits = STEPS.map(({ share }) => room * share);
  }

  /** What is kept for that series and these values of the extra keys, in their order. */
  of(series: Series, extra: readonly Value[]): T {
    const kept = series.kept?.[this.#place];
    if (kept) for (const known of kept) if (same(known.extra, extra)) return known.set as T;
    return this.#find(series, extra);
  }

  values(): IterableIterator<T> {
    return this.#sets.values();
  }

  get size(): number {
    return this.#sets.size;
  }

  #find(series: Series, extra: readonly Value[]): T {
    const values = [...this.#options.keys.map(series.value), ...extra];
    for (let step = 0; step <= LAST; step += 1) {
      const folded = step === 0 ? values : values.map((value, index) => this.#fold(value, this.#keys[index], step));
      const key = folded.join(SEPARATOR);
      const existing = this.#sets.get(key);
      if (existing === undefined && this.#sets.size >= (this.#limits[step] ?? 0)) continue;
      const set = existing ?? this.#options.create(this.#attributes(folded));
      if (existing === undefined) this.#sets.set(key, set);
      if (step > 0) this.#report(values, folded);
      this.#keep(series, extra, set);
      return set;
    }
    throw new Error('the last step always has room');
  }

  /** The last step makes one set of all, so keys that a call does not have are folded as well. */
  #fold(value: Value, key = '', step: number): Value {
    if (!FOLDED_BY[step]?.has(key)) return value;
    // A number: a text in its place would change the type of the attribute.
    if (key === ATTR.serverPort) return undefined;
    const absent = value === undefined && (step < LAST || key === ATTR.errorType);
    return absent ? undefined : OTHER;
  }

  #keep({ kept }: Series, extra: readonly Value[], set: T): void {
    if (!kept) return;
    const own = kept[this.#place] ?? [];
    kept[this.#place] = own;
    own.push({ extra, set });
  }

  #report(values: readonly Value[], folded: readonly Value[]): void {
    warnOnce(
      `metrics.sets.${this.#options.instrument}`,
      `${this.#options.instrument} reached its cap of ${this.#options.cap} attribute sets; further ones are added up ` +
        `under "${OTHER}", models first. Sums stay exact.`,
    );
    values.forEach((value, index) => {
      if (value !== undefined && value !== folded[index]) this.#options.onFolded(this.#keys[index] ?? '');
    });
  }

  /** In the order of their names: the OTel SDK sorts them at every measurement, and sorted ones cost it half. */
  #attributes(values: readonly Value[]): Attributes {
    const entries = values.flatMap((value, index): [string, string | number][] =>
      value === undefined ? [] : [[this.#keys[index] ?? '', value]],
    );
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
