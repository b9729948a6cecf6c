/**
 * Rules that count exactly what a counter grew by.
 *
 * `increase()` loses the first value of every series, and comparing with `offset 5m` counts a whole counter again after a
 * missed scrape. Here each evaluation records what it sees of a counter (`…:seen`) and compares it with what the
 * evaluation before it saw:
 *
 *   grown → the difference      smaller → a reset, all of it is new      never seen → a new series, all of it is new
 *
 * The very first evaluation counts nothing: whatever the counters hold then was spent before somebody counted. What stays:
 * a reset that is overtaken within one interval loses what the counter had grown by since the last evaluation.
 */
import { METRICS, type TokenmeterInstrument } from '@tokenmeter/semconv';
import { EXPENSIVE_CALL_USD } from '../model.ts';
import { labelOf, list, METRIC, metricOf } from '../names.ts';
import { PROCESS_RULE, sumAlike, TOKEN_LABELS, tokensSeen } from './conventions.ts';
import { previous, type Rule, sparse } from './promql.ts';

/** Recorded last in the group: that the group was evaluated before. */
export const COUNTING = 'tokenmeter:counting';

/** A counter whose growth is recorded. */
export interface Counted {
  /** The counters as they were last seen. An hour back, so that what arrives late is seen as well. */
  readonly source: string;
  /** Record of what the last evaluation saw. */
  readonly seen: string;
  /** Record of what it grew by, by `labels`. */
  readonly increase: string;
  readonly labels: readonly string[];
  /** Sums series up by labels that they may have under other names. What was seen of them is kept as it came. */
  readonly sum?: (series: string, labels: readonly string[]) => string;
  /** What `sum` reads. It is recorded behind `seen`: what has arrived in between would be lost without its labels. */
  readonly sumReads?: Rule;
}

function lastSeen(counter: string): string {
  return `last_over_time(${counter}[1h])`;
}

function counted(instrument: TokenmeterInstrument): Counted {
  const metric = metricOf(instrument);
  const short = metric.replace(/^tokenmeter_(.*)_total$/, '$1');
  return {
    source: lastSeen(metric),
    seen: `${metric}:seen`,
    increase: `tokenmeter:${short}:increase`,
    labels: instrument.attributes.map(labelOf),
  };
}

const BUCKETS = `${METRIC.callCost}_bucket`;

type CountedName =
  | 'cost'
  | 'calls'
  | 'attempts'
  | 'tokens'
  | 'cacheSavings'
  | 'budgetBlocked'
  | 'attributesCapped'
  | 'alertsFailed'
  | 'callCost'
  | 'conventionTokens'
  | 'collectorLoss';

/** Each is recorded by all the labels that the contract gives it, without those of processes and scrapes. */
export const COUNTED: Readonly<Record<CountedName, Counted>> = {
  cost: counted(METRICS.cost),
  calls: counted(METRICS.calls),
  attempts: counted(METRICS.attempts),
  tokens: counted(METRICS.tokens),
  cacheSavings: counted(METRICS.cacheSavings),
  budgetBlocked: counted(METRICS.budgetBlocked),
  attributesCapped: counted(METRICS.attributesCapped),
  alertsFailed: counted(METRICS.alertsFailed),
  // Of the histogram only what says how many calls cost more than one bound.
  callCost: {
    source: lastSeen(`${BUCKETS}{le=~"${String(EXPENSIVE_CALL_USD).replace('.', '\\\\.')}|\\\\+Inf"}`),
    seen: `${BUCKETS}:seen`,
    increase: 'tokenmeter:call_cost_usd_bucket:increase',
    labels: [...METRICS.callCost.attributes.map(labelOf), 'le'],
  },
  // As OpenTelemetry's conventions count, of processes with and without Tokenmeter.
  conventionTokens: {
    source: tokensSeen(lastSeen),
    seen: 'tokenmeter:gen_ai_tokens:seen',
    increase: 'tokenmeter:gen_ai_tokens:increase',
    labels: TOKEN_LABELS,
    sum: sumAlike,
    sumReads: PROCESS_RULE,
  },
  // What a collector could not take or pass on. The series of a failure is born with the first one.
  collectorLoss: {
    source: `label_replace(
  ${lastSeen('{__name__=~"otelcol_(exporter_send_failed|exporter_enqueue_failed|receiver_refused)_(spans|metric_points)_total"}')}
  or ${lastSeen('otelcol_deltatocumulative_datapoints_total{error!=""}')},
  "what", "$1", "__name__", "otelcol_(.+)_total"
)`,
    seen: 'tokenmeter:collector_loss:seen',
    increase: 'tokenmeter:collector_loss:increase',
    labels: ['what', 'job', 'exporter', 'receiver'],
  },
};

/** Rules for one group, in this order. */
export function increaseRules(): readonly Rule[] {
  return Object.values(COUNTED).flatMap((counter) => [
    seen(counter),
    ...(counter.sumReads === undefined ? [] : [counter.sumReads]),
    increase(counter),
  ]);
}

/** To be recorded after everything that reads it. */
export const COUNTING_RULE: Rule = { record: COUNTING, expr: 'vector(1)' };

function seen({ source, seen: record }: Counted): Rule {
  return { record, expr: source };
}

function increase({ seen: now, increase: record, labels, sum = sumBy }: Counted): Rule {
  // Below 0 it is a reset. Nothing is read twice that can be read once: these are the series of every process.
  const grown = `(${now} - ${previous(now)} >= 0)
  or (${now} and on () ${previous(COUNTING)})`;
  return { record, expr: sum(grown, labels) };
}

function sumBy(series: string, labels: readonly string[]): string {
  return `sum by (${list(labels)}) (\n  ${series}\n)`;
}

/** The names whose sparse memory has to be kept. */
export const REMEMBERED: readonly string[] = [...Object.values(COUNTED).map((counter) => counter.seen), COUNTING];

export function memoryRules(names: readonly string[]): readonly Rule[] {
  return names.map((name) => ({ record: sparse(name), expr: `last_over_time(${name}[1h])` }));
}
