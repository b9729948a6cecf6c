/**
 * A series is one combination of the attributes that all instruments share; a call finds it by one look-up, and all that
 * is worked out for it (attribute objects, counters) is kept with it.
 */
import type { CallRecord } from '@tokenmeter/ledger';
import { ATTR, TOKENMETER_ATTR } from '@tokenmeter/semconv';
import { Trie } from './trie.ts';
import type { ValueCaps } from './value-caps.ts';

export type Value = string | number | undefined;

/** The attribute keys of a series, and where a call has their values. */
const COLUMNS: readonly (readonly [key: string, of: (record: CallRecord) => Value])[] = [
  [TOKENMETER_ATTR.feature, (record) => record.attribution.feature],
  [TOKENMETER_ATTR.team, (record) => record.attribution.team],
  [TOKENMETER_ATTR.tenant, (record) => record.attribution.tenant],
  [ATTR.providerName, (record) => record.provider],
  [ATTR.requestModel, (record) => record.requestModel],
  [ATTR.responseModel, (record) => record.responseModel],
  [ATTR.operationName, (record) => record.operation],
  [ATTR.environment, (record) => record.attribution.environment],
  [ATTR.serverAddress, (record) => record.serverAddress],
  [ATTR.serverPort, (record) => record.serverPort],
];

/** The keys whose values are capped. */
export const CAPPED_KEYS: readonly string[] = [
  ...COLUMNS.map(([key]) => key).filter((key) => key !== ATTR.serverPort),
  ATTR.errorType,
];

export interface Series {
  /** Place in the tables of the instruments; absent where the table of series is full: nothing is kept for it. */
  readonly id?: number;
  readonly value: (key: string) => Value;
}

export class SeriesTable {
  readonly #max: number;
  readonly #caps: ValueCaps;
  readonly #columns: typeof COLUMNS;
  readonly #series = new Trie<Value, Series>();
  #size = 0;

  /** `without`: keys that may not go on metrics. */
  constructor(max: number, caps: ValueCaps, without: readonly string[]) {
    this.#max = max;
    this.#caps = caps;
    this.#columns = COLUMNS.filter(([key]) => !without.includes(key));
  }

  of(record: CallRecord): Series {
    const path = this.#columns.map(([, of]) => of(record));
    return this.#series.get(path) ?? this.#make(path);
  }

  #make(path: readonly Value[]): Series {
    const values = new Map<string, Value>();
    this.#columns.forEach(([name], index) => {
      const value = path[index];
      values.set(name, typeof value === 'string' ? this.#caps.admit(name, value) : value);
    });
    const full = this.#size >= this.#max;
    const made: Series = { value: (name) => values.get(name), ...(full ? {} : { id: this.#size }) };
    if (full) return made;
    this.#size += 1;
    this.#series.set(path, made);
    return made;
  }
}
