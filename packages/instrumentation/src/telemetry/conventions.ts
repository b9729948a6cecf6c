/**
 * The instruments of the GenAI conventions, for the generations that are asked for. They carry the conventions'
 * attributes and the feature, team and allow-listed tenant.
 *
 * Tokens are recorded only where the provider counted them: "MUST NOT report usage metrics if counts are not obtainable".
 */
import type { CallRecord } from '@tokenmeter/ledger';
import {
  ATTR,
  type ConventionInstrument,
  GENERATIONS,
  type Generation,
  OPERATION,
  TOKEN_MODALITY,
  TOKENMETER_ATTR,
  type TokenField,
} from '@tokenmeter/semconv';
import type { Bounds, Recorder } from './bounds.ts';
import { COUNT, Counter, type Observed } from './counter.ts';
import { Histogram } from './histogram.ts';
import { tokensByModality, tokensOfField } from './tokens.ts';

const KEYS: readonly string[] = [
  ATTR.operationName,
  ATTR.providerName,
  ATTR.requestModel,
  ATTR.responseModel,
  ATTR.serverAddress,
  ATTR.serverPort,
  TOKENMETER_ATTR.feature,
  TOKENMETER_ATTR.team,
  TOKENMETER_ATTR.tenant,
];

/** The operations that are not inference: the newest conventions time them by another instrument. */
const NOT_INFERENCE: ReadonlySet<string> = new Set([OPERATION.embeddings]);

/** `gen_ai.token.type` has two values only: subsets on the same histogram would be counted twice. */
const TOKEN_USAGE_FIELDS = ['input', 'output'] as const;

export interface Conventions {
  readonly histograms: readonly Histogram[];
  readonly counters: readonly Observed[];
  readonly record: Recorder;
}

export function conventions(generations: readonly Generation[], bounds: Bounds): Conventions {
  const keys = bounds.visible(KEYS);
  const histograms = new Map<string, Histogram>();
  const counters: Observed[] = [];
  const recorders: Recorder[] = [];

  const histogram = (table: ConventionInstrument, extraKeys: readonly string[], extraSets: number): Histogram => {
    const { name, unit, description, buckets = [] } = table;
    const made = new Histogram({
      ...{ name, unit, description, buckets, integer: unit !== 's' },
      ...{ keys, extraKeys, extraSets, ...bounds },
    });
    histograms.set(name, made);
    return made;
  };
  /** Generations share instruments: one that is recorded already must not be recorded again. */
  const duration = (table: ConventionInstrument, when: (record: CallRecord) => boolean): void => {
    if (histograms.has(table.name)) return;
    const made = histogram(table, [ATTR.errorType], 2);
    recorders.push((record, series, errorType) => {
      if (when(record)) made.record(record.duration / 1000, series, errorType);
    });
  };

  for (const generation of generations) {
    const table = GENERATIONS[generation];
    const oneForAll = table.inferenceDuration.name === table.operationDuration.name;
    duration(table.inferenceDuration, (record) => oneForAll || !NOT_INFERENCE.has(record.operation));
    duration(table.operationDuration, (record) => NOT_INFERENCE.has(record.operation));

    const firstChunk = histogram(table.timeToFirstChunk, [], 1);
    recorders.push((record, series) => {
      if (record.timeToFirstChunk !== undefined) firstChunk.record(record.timeToFirstChunk / 1000, series);
    });

    if (table.tokenUsage) {
      const usage = histogram(table.tokenUsage, [ATTR.tokenType], TOKEN_USAGE_FIELDS.length);
      recorders.push((record, series) => {
        for (const field of TOKEN_USAGE_FIELDS) {
          const tokens = countedByProvider(record, field);
          if (tokens !== undefined) usage.record(tokens, series, field);
        }
      });
    }
    for (const [field, instrument] of fields(table.tokenCounters)) {
      const { name, unit, description } = instrument;
      const counter = new Counter({
        ...{ name, unit, description, quantity: COUNT },
        ...{ keys, extraKeys: [TOKEN_MODALITY], extraSets: 5, ...bounds },
      });
      counters.push(counter);
      recorders.push((record, series) => {
        if (countedByProvider(record, field) === undefined || !record.usage) return;
        for (const [modality, tokens] of tokensByModality(record.usage, field)) counter.add(tokens, series, modality);
      });
    }
    for (const [field, instrument] of fields(table.tokenHistograms)) {
      const perCall = histogram(instrument, [], 1);
      recorders.push((record, series) => {
        const tokens = record.outcome === 'completed' ? countedByProvider(record, field) : undefined;
        if (tokens !== undefined) perCall.record(tokens, series);
      });
    }
  }
  return {
    histograms: [...histograms.values()],
    counters,
    record: (record, series, errorType) => {
      for (const recorder of recorders) recorder(record, series, errorType);
    },
  };
}

function countedByProvider(record: CallRecord, field: TokenField): number | undefined {
  return record.usageSource === 'provider' && record.usage ? tokensOfField(record.usage, field) : undefined;
}

function fields(
  table: Readonly<Partial<Record<TokenField, ConventionInstrument>>>,
): [TokenField, ConventionInstrument][] {
  return Object.entries(table) as [TokenField, ConventionInstrument][];
}
