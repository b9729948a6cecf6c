/** Sums over a ledger on disk, in one pass and in bounded memory: only what the sums need is read out of each line. */
import { ATTR, TOKENMETER_ATTR } from '@tokenmeter/semconv';
import { readersOf } from '../otlp/readers.ts';
import { callBatches, type ReadOptions } from '../store/reader.ts';
import { Accumulator, type GroupingOptions, type Summary } from './accumulator.ts';
import { attributesOfKey, type Filter, filterOf } from './keys.ts';

export interface LedgerSummaryOptions extends ReadOptions, GroupingOptions {
  readonly filters?: readonly Filter[];
}

/** What every sum needs, and what tells a call from other spans. */
const MEASURES: readonly string[] = [
  ATTR.operationName,
  ATTR.errorType,
  ATTR.usageInputTokens,
  ATTR.usageOutputTokens,
  ATTR.usageCacheReadInputTokens,
  TOKENMETER_ATTR.attempts,
  TOKENMETER_ATTR.outcome,
  TOKENMETER_ATTR.feature,
  TOKENMETER_ATTR.costStatus,
  TOKENMETER_ATTR.costUsd,
  TOKENMETER_ATTR.priceVersion,
];

/** Throws a LedgerReadError where the store cannot be read, a RangeError for an unknown time zone. */
export async function summariseLedger(options: LedgerSummaryOptions): Promise<Summary> {
  const { by, timeZone, filters = [] } = options;
  const table = readersOf([
    ...MEASURES,
    ...by.flatMap(attributesOfKey),
    ...filters.flatMap(({ key }) => attributesOfKey(key)),
  ]);
  const wanted = filterOf(filters, timeZone);
  const sums = new Accumulator({ by, timeZone });
  for await (const calls of callBatches(options, table)) {
    for (const call of calls) if (wanted(call)) sums.add(call);
  }
  return sums.summary();
}
