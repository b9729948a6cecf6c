/**
 * A series is one combination of the attributes that all instruments share; a call finds it by a look-up, and all that is
 * worked out for it (attribute objects, counters) is kept with it.
 */
import type { CallRecord } from '@tokenmeter/ledger';
import { ATTR, TOKENMETER_ATTR } from '@tokenmeter/semconv';
import type { ValueCaps } from './value-caps.ts';

export type Value = string | number | undefined;

/** The attribute keys of a series. */
const KEYS: readonly string[] = [
  TOKENMETER_ATTR.feature,
  ATTR.requestModel,
  TOKENMETER_ATTR.team,
  TOKENMETER_ATTR.tenant,
  ATTR.providerName,
  ATTR.responseModel,
  ATTR.operationName,
  ATTR.environment,
  ATTR.serverAddress,
  ATTR.serverPort,
];

/** Where a call has their values, in the same order. */
function valuesOf(record: CallRecord): Value[] {
  const { attribution } = record;
  return [
    attribution.feature,
    record.requestModel,
    attribution.team,
    attribution.tenant,
    record.provider,
    record.responseModel,
    record.operation,
    attribution.environment,
    record.serverAddress,
    record.serverPort,
  ];
}

/** The keys whose values are capped. */
export const CAPPED_KEYS: readonly string[] = [...KEYS.filter((key) => key !== ATTR.serverPort), ATTR.errorType];

export interface Series {
  readonly value: (key: string) => Value;
  /**
   * What the instruments keep for it, by their place and extra values. Absent where the table of series is full: nothing
   * is kept.
   */
  readonly kept?: Kept[][];
}

/** What one instrument keeps for a series and its extra values. */
export interface Kept {
  readonly extra: readonly Value[];
  readonly set: unknown;
}

interface Known extends Series {
  readonly of: readonly Value[];
}

export class SeriesTable {
  readonly #max: number;
  readonly #caps: ValueCaps;
  /** Places of the keys that may not go on metrics. */
  readonly #hidden: readonly number[];
  /** By feature and requested model: the few that are left are told apart by comparing. */
  readonly #series = new Map<Value, Map<Value, Known[]>>();
  #size = 0;

  /** `without`: keys that may not go on metrics. */
  constructor(max: number, caps: ValueCaps, without: readonly string[]) {
    this.#max = max;
    this.#caps = caps;
    this.#hidden = without.map((key) => KEYS.indexOf(key));
  }

  of(record: CallRecord): Series {
    const values = valuesOf(record);
    for (const place of this.#hidden) values[place] = undefined;
    const alike = this.#series.get(values[0])?.get(values[1]);
    if (alike) for (const known of alike) if (same(known.of, values)) return known;
    return this.#make(values);
  }

  #make(of: readonly Value[]): Series {
    const values = new Map<string, Value>();
    KEYS.forEach((key, index) => {
      const value = of[index];
      values.set(key, typeof value === 'string' ? this.#caps.admit(key, value) : value);
    });
    const value = (key: string): Value => values.get(key);
    if (this.#size >= this.#max) return { value };
    this.#size += 1;
    const made: Known = { of, value, kept: [] };
    const models = this.#series.get(of[0]) ?? new Map<Value, Known[]>();
    models.set(of[1], [...(models.get(of[1]) ?? []), made]);
    this.#series.set(of[0], models);
    return made;
  }
}

/** Whether two lists of one length hold the same. */
export function same(some: readonly Value[], others: readonly Value[]): boolean {
  for (let index = 0; index < some.length; index += 1) if (some[index] !== others[index]) return false;
  return true;
}
