/**
 * The cap on the values of one attribute key. A metric keeps every combination of values for the life of the process, so
 * a key whose values never end (a feature named by user id) would grow without bound.
 */
import { OTHER } from '@tokenmeter/semconv';
import { warnOnce } from '../state.ts';

export class ValueCaps {
  readonly #max: number;
  readonly #onCapped: (key: string) => void;
  readonly #seen = new Map<string, Set<string>>();

  /** `onCapped` is told of each value that is replaced. */
  constructor(max: number, onCapped: (key: string) => void) {
    this.#max = max;
    this.#onCapped = onCapped;
  }

  /** The value itself, or `_other` once the key has shown its maximum of other values. */
  admit(key: string, value: string): string {
    const seen = this.#seen.get(key) ?? new Set();
    if (seen.has(value)) return value;
    if (seen.size === 0) this.#seen.set(key, seen);
    if (seen.size < this.#max) {
      seen.add(value);
      return value;
    }
    warnOnce(
      `metrics.values.${key}`,
      `${key} has more than ${this.#max} values; on metrics, further ones are counted as "${OTHER}". ` +
        'Spans and the ledger keep the value. Give it names from a small set.',
    );
    this.#onCapped(key);
    return OTHER;
  }
}
