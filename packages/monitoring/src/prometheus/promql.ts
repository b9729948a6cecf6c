/** Building blocks of PromQL that more than one rule needs. */

export interface RecordRule {
  readonly record: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A rule as Prometheus reads it. */
export type Rule = RecordRule | AlertRule;

export interface RuleGroup {
  readonly name: string;
  readonly interval: string;
  readonly rules: readonly Rule[];
}

/**
 * How far back the dense memory of a recorded series reaches, and the sparse one behind it. A series that was silent for
 * longer than the sparse one is new when it comes back.
 */
const DENSE = '6h';
const SPARSE = '7d';
/** Evaluations from one sample of the sparse memory to the next. */
export const SPARSE_EVERY = 30;

/** The series that keeps a sparse memory of `name`. */
export function sparse(name: string): string {
  return `${name}:sparse`;
}

/**
 * What the evaluation before this one recorded as `name`, however long ago. `offset 1s` leaves out what this evaluation
 * has recorded already. 360 + 336 samples of a series instead of 10,080.
 */
export function previous(name: string): string {
  return `(last_over_time(${name}[${DENSE}] offset 1s) or last_over_time(${sparse(name)}[${SPARSE}]))`;
}

export type Window = '5m' | '10m' | '15m' | '30m' | '1h' | '6h' | '1d' | '3d';

/**
 * Sum of `name` over a window. Prometheus 2 takes both ends of a range, 3 only one: a window shorter by a second holds
 * the same samples in both.
 */
export function sumOver(name: string, window: Window): string {
  return `sum_over_time(${name}[${RANGES[window]}])`;
}

const RANGES: Readonly<Record<Window, string>> = {
  '5m': '4m59s',
  '10m': '9m59s',
  '15m': '14m59s',
  '30m': '29m59s',
  '1h': '59m59s',
  '6h': '5h59m59s',
  '1d': '23h59m59s',
  '3d': '71h59m59s',
};

/** `{a="b"}` */
export function selector(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return pairs.length === 0 ? '' : `{${pairs.join(', ')}}`;
}
