/**
 * The table CallRecord ⇄ span attributes, once for everybody: real spans (`spanAttributes`), the ledger's lines
 * (`ledgerAttributes`) and whoever reads either back (`otlp/decode.ts`).
 *
 * Names come from `@tokenmeter/semconv`. A row says which attribute holds which field, for whoever reads; a field whose two
 * forms differ (seconds and milliseconds, USD and pico-USD, the sum of cache writes) is in no table.
 */
import type { Cost, Usage } from '@tokenmeter/pricing';
import { ATTR, GENERATIONS, type Generation, TOKENMETER_ATTR } from '@tokenmeter/semconv';
import type { Attribution, CallRecord } from './record.ts';

/** A value as OpenTelemetry's API takes it. */
export type AttributeValue = string | number | boolean | string[];

/** Attributes by name. */
export type Attributes = Record<string, AttributeValue>;

/** The type that a field must have; anything else in a line is not taken for it. */
export type ValueKind = 'string' | 'number' | 'strings';

/** Attribute, field of the same value, type. */
export type Row<Target> = readonly [attribute: string, field: keyof Target & string, kind: ValueKind];

export const CALL_ROWS: readonly Row<CallRecord>[] = [
  [ATTR.operationName, 'operation', 'string'],
  [ATTR.providerName, 'provider', 'string'],
  [ATTR.requestModel, 'requestModel', 'string'],
  [ATTR.responseModel, 'responseModel', 'string'],
  [ATTR.responseId, 'responseId', 'string'],
  [ATTR.responseFinishReasons, 'finishReasons', 'strings'],
  [ATTR.serverAddress, 'serverAddress', 'string'],
  [ATTR.serverPort, 'serverPort', 'number'],
  [ATTR.errorType, 'errorType', 'string'],
  [TOKENMETER_ATTR.outcome, 'outcome', 'string'],
  [TOKENMETER_ATTR.attempts, 'attempts', 'number'],
  [TOKENMETER_ATTR.callSite, 'callSite', 'string'],
  [TOKENMETER_ATTR.usageSource, 'usageSource', 'string'],
];

/** The environment is an attribute of the resource too; the ledger writes it on a span only where they differ. */
export const ATTRIBUTION_ROWS: readonly Row<Attribution>[] = [
  [TOKENMETER_ATTR.feature, 'feature', 'string'],
  [TOKENMETER_ATTR.team, 'team', 'string'],
  [TOKENMETER_ATTR.tenant, 'tenant', 'string'],
  [ATTR.environment, 'environment', 'string'],
  [ATTR.userId, 'user', 'string'],
  [ATTR.sessionId, 'session', 'string'],
  [TOKENMETER_ATTR.route, 'route', 'string'],
  [TOKENMETER_ATTR.request, 'request', 'string'],
];

type ConventionUsage = 'input' | 'output' | 'cacheRead' | 'reasoning';
type DetailUsage = Exclude<keyof Usage, ConventionUsage>;

/** The usage details for which the conventions have no name. A new field of `Usage` does not compile until it is here. */
const DETAILS: Readonly<Record<DetailUsage, true>> = {
  cacheWrite: true,
  cacheWrite5m: true,
  cacheWrite30m: true,
  cacheWrite1h: true,
  cacheWrite12h: true,
  audioInput: true,
  imageInput: true,
  videoInput: true,
  videoOutput: true,
  videoCacheRead: true,
  audioOutput: true,
  imageOutput: true,
  audioCacheRead: true,
  imageCacheRead: true,
  citation: true,
  requests: true,
  webSearches: true,
  webFetches: true,
  fileSearches: true,
  codeExecutions: true,
  images: true,
  pages: true,
  searchUnits: true,
  inputCharacters: true,
  outputCharacters: true,
  inputAudioSeconds: true,
  outputAudioSeconds: true,
  videoSeconds: true,
};

export const USAGE_ROWS: readonly Row<Usage>[] = [
  [ATTR.usageInputTokens, 'input', 'number'],
  [ATTR.usageOutputTokens, 'output', 'number'],
  [ATTR.usageCacheReadInputTokens, 'cacheRead', 'number'],
  [ATTR.usageReasoningOutputTokens, 'reasoning', 'number'],
  ...Object.keys(DETAILS).map(
    (field): Row<Usage> => [TOKENMETER_ATTR.usagePrefix + field, field as DetailUsage, 'number'],
  ),
];

/** Every spelling of the sum of all cache writes. */
export const CACHE_WRITE_ATTRIBUTES: readonly string[] = Object.values(GENERATIONS).map(
  (generation) => generation.cacheWriteAttribute,
);

/** The fields of `Usage` that add up to that sum. */
export const CACHE_WRITES = ['cacheWrite', 'cacheWrite5m', 'cacheWrite30m', 'cacheWrite1h', 'cacheWrite12h'] as const;

export const COST_ROWS: readonly Row<Cost>[] = [
  [TOKENMETER_ATTR.costStatus, 'status', 'string'],
  [TOKENMETER_ATTR.costSource, 'source', 'string'],
  [TOKENMETER_ATTR.priceVersion, 'version', 'string'],
  [TOKENMETER_ATTR.priceId, 'rowId', 'string'],
];

/** How the price was found. The ledger keeps it; on spans the row and the version of the book say enough. */
export const AUDIT_ROWS: readonly Row<Cost>[] = [
  [TOKENMETER_ATTR.priceMatch, 'match', 'string'],
  [TOKENMETER_ATTR.priceEffectiveFrom, 'effectiveFrom', 'string'],
  [TOKENMETER_ATTR.priceTier, 'tier', 'string'],
  [TOKENMETER_ATTR.priceVariant, 'variant', 'string'],
];

/** By field of `Usage`: its attribute, and whether it counts as cache writes. */
const USAGE: ReadonlyMap<string, { readonly name: string; readonly isWrite: boolean }> = new Map(
  USAGE_ROWS.map(([name, field]) => [field, { name, isWrite: (CACHE_WRITES as readonly string[]).includes(field) }]),
);

const PICO = 1e12;

/**
 * pico-USD as a double of USD. {@link picoOf} gives the same integer back for every amount up to $2,000: each of the two
 * roundings is off by at most 2^-53 of the value, together less than 0.45 pico there.
 */
export function usdOf(pico: bigint): number {
  return Number(pico) / PICO;
}

/** USD as the nearest whole pico-USD. `usd` must be finite. */
export function picoOf(usd: number): bigint {
  return BigInt(Math.round(usd * PICO));
}

/** Takes one attribute. */
export type PutAttribute = (name: string, value: AttributeValue) => void;

/** What a call's span says from its start. */
export interface CallStart {
  readonly operation: string;
  readonly provider: string;
  readonly feature: string;
  readonly requestModel?: string;
  readonly serverAddress?: string;
  readonly serverPort?: number;
}

/** The attributes that a sampler may ask for: those that the conventions want at the start of a span, and the feature. */
export function startAttributes(call: CallStart): Attributes {
  const attributes: Attributes = {
    [ATTR.operationName]: call.operation,
    [ATTR.providerName]: call.provider,
    [TOKENMETER_ATTR.feature]: call.feature,
  };
  if (call.requestModel !== undefined) attributes[ATTR.requestModel] = call.requestModel;
  if (call.serverAddress !== undefined) attributes[ATTR.serverAddress] = call.serverAddress;
  if (call.serverPort !== undefined) attributes[ATTR.serverPort] = call.serverPort;
  return attributes;
}

/**
 * Tells all other attributes of a call's span, in one pass and without an object for them: it runs at the end of every
 * call, so it names its fields instead of going through the tables. Absent fields have no attribute; an amount that is not
 * known has none either. `generations` decides how cache writes are spelled. The service is an attribute of the resource
 * only.
 */
export function eachEndAttribute(record: CallRecord, generations: readonly Generation[], put: PutAttribute): void {
  const { attribution, cost } = record;
  const tell = (name: string, value: AttributeValue | undefined): void => {
    if (value !== undefined) put(name, value);
  };
  for (const name in record.attributes) put(name, record.attributes[name] as AttributeValue);
  tell(ATTR.responseModel, record.responseModel);
  tell(ATTR.responseId, record.responseId);
  tell(ATTR.responseFinishReasons, record.finishReasons as string[] | undefined);
  tell(ATTR.errorType, record.errorType);
  put(TOKENMETER_ATTR.outcome, record.outcome);
  tell(TOKENMETER_ATTR.attempts, record.attempts);
  tell(TOKENMETER_ATTR.callSite, record.callSite);
  put(TOKENMETER_ATTR.usageSource, record.usageSource);
  if (record.stream) put(ATTR.requestStream, true);
  if (record.timeToFirstChunk !== undefined) put(ATTR.responseTimeToFirstChunk, record.timeToFirstChunk / 1000);

  tell(TOKENMETER_ATTR.team, attribution.team);
  tell(TOKENMETER_ATTR.tenant, attribution.tenant);
  tell(ATTR.environment, attribution.environment);
  tell(ATTR.userId, attribution.user);
  tell(ATTR.sessionId, attribution.session);
  tell(TOKENMETER_ATTR.route, attribution.route);
  tell(TOKENMETER_ATTR.request, attribution.request);
  const { extra } = attribution;
  if (extra) for (const key in extra) put(TOKENMETER_ATTR.attributionPrefix + key, extra[key] as string);

  if (record.usage) tellUsage(record.usage, generations, put);

  put(TOKENMETER_ATTR.costStatus, cost.status);
  tell(TOKENMETER_ATTR.costSource, cost.source);
  tell(TOKENMETER_ATTR.priceVersion, cost.version);
  tell(TOKENMETER_ATTR.priceId, cost.rowId);
  if (cost.pico !== undefined) put(TOKENMETER_ATTR.costUsd, usdOf(cost.pico));
  if (cost.listPico !== undefined) put(TOKENMETER_ATTR.costListUsd, usdOf(cost.listPico));
  if (cost.flags.length > 0) put(TOKENMETER_ATTR.costFlags, cost.flags as string[]);
}

/** All of them, as an object. */
export function spanAttributes(record: CallRecord, generations: readonly Generation[]): Attributes {
  const attributes = startAttributes({ ...record, feature: record.attribution.feature });
  eachEndAttribute(record, generations, (name, value) => {
    attributes[name] = value;
  });
  return attributes;
}

/** What a line of the ledger holds: the span's attributes and how the price was found. */
export function ledgerAttributes(record: CallRecord): Attributes {
  const attributes = spanAttributes(record, ['stable']);
  for (const [name, field] of AUDIT_ROWS) {
    const value = record.cost[field];
    if (value !== undefined) attributes[name] = value as AttributeValue;
  }
  const saved = record.cost.cacheSavingsPico;
  if (saved !== undefined) attributes[TOKENMETER_ATTR.costCacheSavingsUsd] = usdOf(saved);
  return attributes;
}

/** The conventions know one number of cache writes; how long each lives stands beside it under our own names. */
function tellUsage(usage: Usage, generations: readonly Generation[], put: PutAttribute): void {
  let sum: number | undefined;
  // Most calls have three of these thirty fields: going by what is there is faster than going by the rows.
  for (const field in usage) {
    const quantity = usage[field as keyof Usage];
    const row = USAGE.get(field);
    if (quantity === undefined || row === undefined) continue;
    put(row.name, quantity);
    if (row.isWrite) sum = (sum ?? 0) + quantity;
  }
  if (sum === undefined) return;
  for (const generation of generations) put(GENERATIONS[generation].cacheWriteAttribute, sum);
}
