/** Single calls as JSON (`tokenmeter.calls/v1`), CSV and table. Money is decimal strings of USD, null where not known. */
import { type Attribution, attributionReader, type CallRecord } from '@tokenmeter/ledger';
import { UNTAGGED } from '@tokenmeter/semconv';
import { type Column, count, csv, dollars, exactUsd, NONE, table } from './format.ts';
import type { Query } from './query.ts';

type Cell = string | number | null;

/** A call's fields, by the names that JSON and CSV share. */
const FIELDS: Readonly<Record<string, (call: CallRecord) => Cell | undefined>> = {
  time: (call) => new Date(call.startTime).toISOString(),
  feature: (call) => call.attribution.feature,
  call_site: (call) => call.callSite,
  provider: (call) => call.provider,
  model: (call) => call.responseModel ?? call.requestModel,
  input_tokens: (call) => call.usage?.input,
  output_tokens: (call) => call.usage?.output,
  /** Exact: rounded to the decimals of a report, most single calls would come to nothing. */
  cost_usd: ({ cost }) => (cost.pico === undefined ? undefined : exactUsd(cost.pico)),
  cost_status: (call) => call.cost.status,
  cache_read_tokens: (call) => call.usage?.cacheRead,
  reasoning_tokens: (call) => call.usage?.reasoning,
  duration_ms: (call) => call.duration,
  outcome: (call) => call.outcome,
  error_type: (call) => call.errorType,
  attempts: (call) => call.attempts,
  operation: (call) => call.operation,
  request_model: (call) => call.requestModel,
  ...attributionFields('team', 'tenant', 'environment', 'user', 'session', 'route', 'request'),
  service: (call) => call.service,
  price_id: (call) => call.cost.rowId,
  price_version: (call) => call.cost.version,
  trace_id: (call) => call.traceId,
  span_id: (call) => call.spanId,
};

function attributionFields(
  ...keys: readonly (keyof Attribution)[]
): Record<string, (call: CallRecord) => string | undefined> {
  return Object.fromEntries(
    keys.map((key) => {
      const read = attributionReader(key);
      return [key, (call: CallRecord) => read(call.attribution)];
    }),
  );
}

export function callsDocument(calls: readonly CallRecord[], found: number, query: Query, skippedLines: number): object {
  return {
    schema: 'tokenmeter.calls/v1',
    window: {
      since: new Date(query.since).toISOString(),
      until: new Date(query.until).toISOString(),
      timezone: query.timeZone,
    },
    filters: query.filters.map(({ key, value, not }) => `${key}${not ? '!=' : '='}${value}`),
    found,
    skipped_lines: skippedLines,
    calls: calls.map((call) => ({
      ...Object.fromEntries(Object.entries(FIELDS).map(([name, read]) => [name, read(call) ?? null])),
      attributes: call.attribution.extra ?? {},
    })),
  };
}

export function callsCsv(calls: readonly CallRecord[]): string {
  const readers = Object.values(FIELDS);
  return csv([Object.keys(FIELDS), ...calls.map((call) => readers.map((read) => read(call) ?? undefined))]);
}

const COLUMNS: readonly Column[] = [
  { title: 'Time (UTC)' },
  { title: 'Feature' },
  { title: 'Model' },
  { title: 'Input Tok', right: true },
  { title: 'Output Tok', right: true },
  { title: 'Est. Cost', right: true },
  { title: 'Duration', right: true },
  { title: 'Outcome' },
];

const ORDER_WORDS: Readonly<Record<string, string>> = { cost: 'dearest', time: 'newest', tokens: 'largest' };

export function callsTable(calls: readonly CallRecord[], found: number, sort: string, query: Query): string {
  const rows = calls.map((call) => [
    new Date(call.startTime).toISOString().slice(0, 19).replace('T', ' '),
    featureOf(call),
    call.responseModel ?? call.requestModel ?? NONE,
    call.usage?.input === undefined ? NONE : count(call.usage.input),
    call.usage?.output === undefined ? NONE : count(call.usage.output),
    costOf(call),
    `${(call.duration / 1000).toFixed(2)} s`,
    call.errorType === undefined ? call.outcome : `${call.outcome}: ${call.errorType}`,
  ]);
  const head = `The ${ORDER_WORDS[sort]} ${count(calls.length)} of ${count(found)} calls since ${new Date(query.since).toISOString()}`;
  return `${head}\n\n${table(COLUMNS, rows)}\n`;
}

/** An untagged call says which line of code made it. */
function featureOf({ attribution, callSite }: CallRecord): string {
  const where = attribution.feature === UNTAGGED && callSite !== undefined ? ` at ${callSite}` : '';
  return attribution.feature + where;
}

function costOf({ cost }: CallRecord): string {
  if (cost.pico === undefined) return cost.status === 'unpriced' ? 'unpriced' : 'not known';
  return cost.status === 'estimated' ? `~${dollars(cost.pico)}` : dollars(cost.pico);
}
