/** What a call was, in its OTLP form, on disk and in sums. */
export {
  type Attributes,
  type AttributeValue,
  CACHE_WRITES,
  type CallStart,
  eachEndAttribute,
  ledgerAttributes,
  type PutAttribute,
  picoOf,
  spanAttributes,
  startAttributes,
  usdOf,
} from './attributes.ts';
export { ATTRIBUTION_KEYS, attributionReader } from './attribution.ts';
export { spanName, toOtlp } from './otlp/encode.ts';
export type { Attribution, CallRecord, SpanAttributes } from './record.ts';
export { dayOf, ensureFolder, LEDGER_DIR } from './store/folder.ts';
export { type BadLine, fromOtlp, LedgerReadError, type ReadOptions, readCalls } from './store/reader.ts';
export { createSeenIds, type SeenIds, type SeenIdsOptions } from './store/seen.ts';
export { createLedgerWriter, type LedgerWriter, type LedgerWriterOptions } from './store/writer.ts';
export {
  Accumulator,
  type Group,
  type GroupingOptions,
  type Summary,
  type Sums,
  summarise,
} from './sums/accumulator.ts';
export { type Filter, filterOf, GROUP_KEYS, type KeyReader, keyReader } from './sums/keys.ts';
export { type LedgerSummaryOptions, summariseLedger } from './sums/ledger.ts';
