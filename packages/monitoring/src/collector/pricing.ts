/**
 * OTTL that prices spans of any language and sets the attributes of the contract on them.
 *
 * The price table stands in the processor's cache, built with the first span. `s` is the scratch of the span that is being
 * priced. The cache has no lock: `batch`, which has one goroutine, stands in front of the processor.
 */
import { ATTR, TOKENMETER_ATTR, UNTAGGED } from '@tokenmeter/semconv';
import type { MonitoringModel } from '../model.ts';
import { ATTRIBUTION_SPELLINGS, LEAF_KINDS, LEAF_OPERATIONS, TEXT_SPELLINGS, TOKEN_SPELLINGS } from './attributes.ts';
import { attribute, double, isSet, literal, resource, text } from './ottl.ts';
import { type PriceRow, type PriceTable, STAND_INS } from './prices.ts';

const S = 'span.cache["s"]';
const scratch = (key: string): string => `${S}["${key}"]`;
const ROW = scratch('row');
const row = (key: string): string => `${ROW}["${key}"]`;

const STATUS = attribute(TOKENMETER_ATTR.costStatus);
const COST = attribute(TOKENMETER_ATTR.costUsd);
const OPERATION = attribute(ATTR.operationName);
const PROVIDER = attribute(ATTR.providerName);

/** Prefix of attributes that only the way from pricing to metrics needs. */
export const SCRATCH_PREFIX = '_tokenmeter.';
/** Tokens by `tokenmeter.token.type`, and what the cache saved. */
export const tokensAttribute = (type: string): string => `${SCRATCH_PREFIX}tokens.${type}`;
export const SAVED_ATTRIBUTE: string = `${SCRATCH_PREFIX}saved`;

const METERED = `(${attribute(TOKENMETER_ATTR.metered)} == true or ${resource(TOKENMETER_ATTR.metered)} == true)`;

/** A call with a status of its cost: of one request to a model. */
export const PRICED_SPAN: string = `${isSet(STATUS)} and ${isSet(OPERATION)} and IsMatch(${OPERATION}, "^(${LEAF_OPERATIONS.join('|')})$")`;

/** One that nobody has counted: without the mark of a process that exports metrics. */
export const COUNTED_SPAN: string = `not ${METERED} and ${PRICED_SPAN}`;

/** For a group without a cache: what the span is, by any spelling. */
export function normaliseStatements(model: MonitoringModel): readonly string[] {
  const teams = Object.entries(model.features).filter(([, { team }]) => team !== undefined);
  const feature = attribute(TOKENMETER_ATTR.feature);
  const environment = attribute(ATTR.environment);
  return [
    ...LEAF_KINDS.map(({ key, pattern, operation }) => {
      return `set(${OPERATION}, ${text(operation)}) where ${OPERATION} == nil and ${isSet(attribute(key))} and IsMatch(${attribute(key)}, ${text(pattern)})`;
    }),
    ...TEXT_SPELLINGS.flatMap(([name, others]) => firstOf(attribute(name), others.map(attribute))),
    ...ATTRIBUTION_SPELLINGS.flatMap(([name, others]) => {
      return firstOf(attribute(name), [...others.map(attribute), resource(name)]);
    }),
    `set(${feature}, ${text(UNTAGGED)}) where ${feature} == nil`,
    ...teams.map(([name, { team = '' }]) => {
      const target = attribute(TOKENMETER_ATTR.team);
      return `set(${target}, ${text(team)}) where ${target} == nil and ${feature} == ${text(name)}`;
    }),
    ...firstOf(environment, [resource(ATTR.environment), resource('deployment.environment')]),
    ...outcome(),
  ];
}

/** Only where it is a call at all, so that other spans stay as they are. */
export const NORMALISE_CONDITION: string = [
  `(${isSet(OPERATION)} and IsMatch(${OPERATION}, "^(${LEAF_OPERATIONS.join('|')})$"))`,
  ...LEAF_KINDS.map(({ key, pattern }) => {
    return `(${OPERATION} == nil and ${isSet(attribute(key))} and IsMatch(${attribute(key)}, ${text(pattern)}))`;
  }),
].join(' or ');

/** A span that came with a cost. */
export const OWN_COST_CONDITION: string = `${PRICED_SPAN} and ${attribute(tokensAttribute('input'))} == nil and (${attribute(TOKENMETER_ATTR.costSource)} == nil or ${attribute(TOKENMETER_ATTR.costSource)} != "collector")`;

export const PRICE_CONDITION: string = `not ${METERED} and ${STATUS} == nil and ${isSet(OPERATION)} and IsMatch(${OPERATION}, "^(${LEAF_OPERATIONS.join('|')})$")`;

function firstOf(target: string, sources: readonly string[]): readonly string[] {
  return sources.map((source) => `set(${target}, ${source}) where ${target} == nil and ${isSet(source)}`);
}

function outcome(): readonly string[] {
  const target = attribute(TOKENMETER_ATTR.outcome);
  return [
    `set(${target}, "failed") where ${target} == nil and span.status.code == STATUS_CODE_ERROR`,
    `set(${target}, "completed") where ${target} == nil`,
  ];
}

/** For a group with a shared cache. */
export function priceStatements(table: PriceTable): readonly string[] {
  return [
    ...tableStatements(table),
    ...tokenStatements(),
    ...statusWithoutUsage(),
    ...sellerStatements(),
    ...rowStatements(),
    ...quantityStatements(),
    ...rateStatements(table),
    ...amountStatements(table),
  ];
}

/** For a group without a shared cache, and spans that came with a cost of ours: only their tokens have to be told apart. */
export function tokensOnlyStatements(): readonly string[] {
  const saved = attribute(TOKENMETER_ATTR.costCacheSavingsUsd);
  return [
    ...tokenStatements(),
    ...quantityStatements(),
    ...tokensByTypeStatements(),
    `set(${attribute(SAVED_ATTRIBUTE)}, Double(${saved})) where ${isSet(saved)} and Double(${saved}) > 0.0`,
  ];
}

function tokenStatements(): readonly string[] {
  return [
    `set(${S}, {})`,
    ...Object.entries(TOKEN_SPELLINGS).flatMap(([key, names]) =>
      names.map(
        (name) =>
          `set(${scratch(key)}, Double(${attribute(name)})) where ${scratch(key)} == nil and ${isSet(attribute(name))}`,
      ),
    ),
  ];
}

function tableStatements(table: PriceTable): readonly string[] {
  const sellers = [...table.sellers].map(([seller, rows]) => {
    const literals = [...rows].map(([id, priced]) => `${text(id)}: ${rowLiteral(priced)}`);
    return `set(span.cache["prices"][${text(seller)}], {${literals.join(', ')}}) where span.cache["prices"][${text(seller)}] == nil`;
  });
  const map = (name: string, entries: ReadonlyMap<string, string>): string => {
    const pairs = [...entries].map(([key, value]) => `${text(key)}: ${text(value)}`);
    return `set(span.cache[${text(name)}], {${pairs.join(', ')}}) where span.cache[${text(name)}] == nil`;
  };
  return [
    map('names', table.names),
    map('hosts', table.hosts),
    map('providers', table.providers),
    'set(span.cache["prices"], {}) where span.cache["prices"] == nil',
    ...sellers,
  ];
}

function rowLiteral(priced: PriceRow): string {
  const { rates, estimated, free, snapshots, longWrites, tier, services, next } = priced;
  return literal({
    ...Object.fromEntries(Object.entries(rates).map(([key, rate]) => [key, double(rate)])),
    ...(estimated && { estimated: 'true' }),
    ...(free && { free: 'true' }),
    ...(snapshots && { snapshots: 'true' }),
    ...(longWrites && { long_writes: 'true' }),
    ...(tier && {
      above: double(tier.above),
      ...(tier.ambiguousAt !== undefined && { ambiguous: double(tier.ambiguousAt) }),
      tier: rowLiteral(tier.row),
    }),
    ...(services && {
      services: literal(Object.fromEntries(Object.entries(services).map(([name, one]) => [name, rowLiteral(one)]))),
    }),
    ...(next && { from: double(next.from), next: rowLiteral(next.row) }),
  });
}

/** What a provider refused costs nothing; what it may have worked on is unknown. */
function statusWithoutUsage(): readonly string[] {
  const quantities = Object.keys(TOKEN_SPELLINGS);
  const error = attribute(ATTR.errorType);
  return [
    `set(${STATUS}, "unpriced")`,
    `set(${STATUS}, "usage_unknown") where ${quantities.map((key) => `${scratch(key)} == nil`).join(' and ')}`,
    `set(${STATUS}, "usage_unknown") where ${quantities.map((key) => `(${isSet(scratch(key))} and ${scratch(key)} < 0.0)`).join(' or ')}`,
    `set(${scratch('free')}, true) where ${STATUS} == "usage_unknown" and ${isSet(error)} and IsMatch(${error}, "^(4[0-9][0-9]|503|529)$") and not IsMatch(${error}, "^(408|460|499)$")`,
  ];
}

/** The host decides who sends the bill, as in the engine; then the name. */
function sellerStatements(): readonly string[] {
  const host = scratch('host');
  const name = scratch('name');
  const seller = scratch('seller');
  const byHost = `set(${seller}, span.cache["hosts"][${host}]) where ${seller} == nil and ${isSet(host)}`;
  const withoutLabel = `replace_pattern(${host}, "^[^.]+\\\\.", "") where ${seller} == nil and ${isSet(host)}`;
  const wild = (id: string, pattern: string): string => {
    return `set(${seller}, ${text(id)}) where ${seller} == nil and ${isSet(attribute(ATTR.serverAddress))} and IsMatch(${attribute(ATTR.serverAddress)}, ${text(pattern)})`;
  };
  return [
    `set(${host}, ConvertCase(${attribute(ATTR.serverAddress)}, "lower")) where ${isSet(attribute(ATTR.serverAddress))}`,
    byHost,
    withoutLabel,
    byHost,
    withoutLabel,
    byHost,
    wild('bedrock', '^bedrock-(runtime|runtime-fips|mantle)\\..*(amazonaws\\.com|api\\.aws)$'),
    wild('vertex', '(^|\\.|-)aiplatform\\..*googleapis\\.com$'),
    `set(${name}, ConvertCase(${PROVIDER}, "lower")) where ${isSet(PROVIDER)}`,
    `set(${seller}, span.cache["names"][${name}]) where ${seller} == nil and ${isSet(name)}`,
    `set(${PROVIDER}, span.cache["providers"][${seller}]) where ${isSet(seller)} and ${isSet(`span.cache["providers"][${seller}]`)}`,
    // A runtime on a machine of one's own sends no bill.
    `set(${scratch('free')}, true) where ${isSet(seller)} and ${seller} == "local" and ${isSet(attribute(ATTR.serverAddress))} and IsMatch(${attribute(ATTR.serverAddress)}, "^(localhost|127\\\\..*|10\\\\..*|192\\\\.168\\\\..*|[^.:]+|::1)$")`,
  ];
}

/** The model that answered, else the one that was asked for; Bedrock's ids say more in the request. */
function rowStatements(): readonly string[] {
  const model = scratch('model');
  const seller = scratch('seller');
  const request = attribute(ATTR.requestModel);
  const response = attribute(ATTR.responseModel);
  const requestFirst = `${isSet(seller)} and ${seller} == "bedrock" and ${isSet(request)}`;
  return [
    `set(${model}, ConvertCase(${response}, "lower")) where ${isSet(response)}`,
    `set(${model}, ConvertCase(${request}, "lower")) where ${isSet(request)} and (${response} == nil or (${requestFirst}))`,
    ...lookUp(),
    // The answer named a model that is not known: that of the request is a guess.
    `set(${scratch('second')}, true) where ${ROW} == nil and ${isSet(request)} and ${isSet(response)}`,
    `set(${model}, ConvertCase(${request}, "lower")) where ${scratch('second')} == true and not (${requestFirst})`,
    `set(${model}, ConvertCase(${response}, "lower")) where ${scratch('second')} == true and (${requestFirst})`,
    ...lookUp().map((statement) => `${statement} and ${scratch('second')} == true`),
    `set(${scratch('estimated')}, true) where ${scratch('second')} == true`,
    ...[1, 2, 3].map(
      () =>
        `set(${ROW}, ${row('next')}) where ${isSet(ROW)} and ${isSet(row('next'))} and UnixNano(span.start_time) >= ${row('from')} * 1000000000.0`,
    ),
  ];
}

/** The id as it is, without a path, without a seller's name, and without a date where a row allows snapshots. */
function lookUp(): readonly string[] {
  const model = scratch('model');
  const seller = scratch('seller');
  const open = `${ROW} == nil and ${isSet(model)} and ${isSet(seller)} and ${isSet(`span.cache["prices"][${seller}]`)}`;
  const found = `set(${ROW}, span.cache["prices"][${seller}][${model}]) where ${open}`;
  const base = scratch('base');
  const own = scratch('own');
  const date =
    '[-@](20[0-9]{2}-?(0[1-9]|1[0-2])-?(0[1-9]|[12][0-9]|3[01])|(0[1-9]|1[0-2])-20[0-9]{2}|(0[1-9]|1[0-2])-?(0[1-9]|[12][0-9]|3[01])|2[3-9](0[1-9]|1[0-2])|00[1-9])$';
  return [
    found,
    `replace_pattern(${model}, "^(arn:[^/]*/|(.*/)?(publishers/[^/]+/)?models/)", "") where ${open}`,
    found,
    // The seller's own name in front.
    `set(${own}, Split(${model}, "/")[0]) where ${open} and IsMatch(${model}, "^[^/]+/")`,
    `set(${model}, Substring(${model}, Len(${own}) + 1, Len(${model}) - Len(${own}) - 1)) where ${open} and IsMatch(${model}, "^[^/]+/") and span.cache["names"][${own}] == ${seller}`,
    found,
    `replace_pattern(${model}, "(-v[0-9]+)?(:[0-9]+(:\\\\w+)?)?$", "") where ${open} and ${seller} == "bedrock"`,
    found,
    `replace_pattern(${model}, "^(us-gov|us|eu|apac|au|jp|ca|in|sa|me|af|regional)\\\\.", "") where ${open} and ${seller} == "bedrock"`,
    found,
    `set(${base}, ${model}) where ${open}`,
    `replace_pattern(${base}, ${text(date)}, "") where ${open}`,
    `set(${ROW}, span.cache["prices"][${seller}][${base}]) where ${open} and ${isSet(`span.cache["prices"][${seller}][${base}]`)} and span.cache["prices"][${seller}][${base}]["snapshots"] == true`,
  ];
}

/** Disjoint quantities, by the same rules as the engine's. */
function quantityStatements(): readonly string[] {
  const q = scratch;
  const estimated = q('estimated');
  const fit = (part: string, whole: string): readonly string[] => [
    `set(${estimated}, true) where ${part} > ${whole}`,
    `set(${part}, ${whole}) where ${part} > ${whole}`,
  ];
  return [
    // Without a total of the input, it is what its parts add up to.
    `set(${estimated}, true) where ${q('in')} == nil and (${isSet(q('read'))} or ${isSet(q('write'))} or ${isSet(q('audio_in'))} or ${isSet(q('image_in'))})`,
    ...Object.keys(TOKEN_SPELLINGS).map((key) => `set(${q(key)}, 0.0) where ${q(key)} == nil`),
    // Instrumentations that leave cached tokens out of the input, as Anthropic's API does.
    `set(${q('in')}, ${q('in')} + ${q('read')} + ${q('write')}) where ${q('in')} < ${q('read')} + ${q('write')}`,
    `set(${q('prompt')}, ${q('in')})`,
    `set(${q('all_read')}, ${q('read')})`,
    ...fit(q('audio_read'), q('read')),
    `set(${q('read')}, ${q('read')} - ${q('audio_read')})`,
    ...fit(q('image_read'), q('read')),
    `set(${q('read')}, ${q('read')} - ${q('image_read')})`,
    `set(${q('in')}, ${q('in')} - ${q('all_read')} - ${q('write')})`,
    // Providers count a modality over cached and fresh tokens alike: what exceeds the fresh ones was cached.
    ...['audio', 'image'].flatMap((modality) => {
      const part = q(`${modality}_in`);
      return [
        ...fit(part, q('prompt')),
        `set(${part}, ${part} - ${q(`${modality}_read`)})`,
        `set(${part}, 0.0) where ${part} < 0.0`,
        `set(${part}, ${q('in')}) where ${part} > ${q('in')}`,
        `set(${q('in')}, ${q('in')} - ${part})`,
      ];
    }),
    `set(${q('all_out')}, ${q('out')})`,
    ...['think', 'audio_out', 'image_out'].flatMap((part) => [
      ...fit(q(part), q('out')),
      `set(${q('out')}, ${q('out')} - ${q(part)})`,
    ]),
  ];
}

/** The row of the service and of the prompt's size; rates that it lacks are another's. */
function rateStatements(table: PriceTable): readonly string[] {
  const served = attribute(ATTR.openaiResponseServiceTier);
  const asked = attribute(ATTR.openaiRequestServiceTier);
  const service = scratch('service');
  const estimated = scratch('estimated');
  const known = `${isSet(ROW)} and ${STATUS} == "unpriced"`;
  const usual = '^(|default|standard|auto|on_demand)$';
  return [
    `set(${estimated}, true) where ${known} and ${row('estimated')} == true`,
    `set(${estimated}, true) where ${known} and ${row('long_writes')} == true and ${scratch('write')} > 0.0`,
    `set(${service}, ConvertCase(${served}, "lower")) where ${isSet(served)} and not IsMatch(${served}, "${usual}")`,
    `set(${estimated}, true) where ${known} and ${isSet(service)} and (${row('services')} == nil or ${row('services')}[${service}] == nil)`,
    // Another service was asked for, and nobody says which one it was.
    `set(${estimated}, true) where ${known} and ${served} == nil and ${isSet(asked)} and not IsMatch(${asked}, "${usual}")`,
    `set(${ROW}, ${row('services')}[${service}]) where ${known} and ${isSet(service)} and ${isSet(row('services'))} and ${isSet(`${row('services')}[${service}]`)}`,
    ...Array.from({ length: tierDepth(table) }, () => [
      `set(${estimated}, true) where ${known} and ${isSet(row('ambiguous'))} and ${scratch('prompt')} == ${row('ambiguous')}`,
      `set(${scratch('larger')}, false)`,
      `set(${scratch('larger')}, true) where ${known} and ${isSet(row('tier'))} and ${scratch('prompt')} > ${row('above')}`,
      `set(${estimated}, true) where ${scratch('larger')} == true and ${row('tier')}["estimated"] == true`,
      `set(${ROW}, ${row('tier')}) where ${scratch('larger')} == true`,
    ]).flat(),
    ...STAND_INS.flatMap(({ key, other, estimate }) => [
      ...(estimate ? [`set(${estimated}, true) where ${known} and ${row(key)} == nil and ${usedOf(key)} > 0.0`] : []),
      `set(${row(key)}, ${row(other)}) where ${known} and ${row(key)} == nil and ${isSet(row(other))}`,
    ]),
  ];
}

/** Cached tokens of a modality are read from the cache, too. */
function usedOf(key: string): string {
  return key === 'read' ? scratch('all_read') : scratch(key);
}

function tierDepth({ sellers }: PriceTable): number {
  const depth = (one: PriceRow): number => (one.tier === undefined ? 0 : 1 + depth(one.tier.row));
  return Math.max(0, ...[...sellers.values()].flatMap((rows) => [...rows.values()].map(depth)));
}

function amountStatements(table: PriceTable): readonly string[] {
  const q = scratch;
  const keys = Object.keys(TOKEN_SPELLINGS);
  const parts = keys.map((key) => `${q(key)} * ${row(key)}`);
  const rated = `${isSet(ROW)} and ${STATUS} == "unpriced" and ${isSet(row('in'))}`;
  return [
    // Without a rate for its output, a model is priced as long as it writes nothing.
    ...keys.map((key) => `set(${row(key)}, 0.0) where ${rated} and ${row(key)} == nil and ${q(key)} == 0.0`),
    `set(${row('request')}, 0.0) where ${rated} and ${row('request')} == nil`,
    `set(${COST}, (${parts.join(' + ')}) / 1000000.0 + ${row('request')}) where ${rated} and ${keys.map((key) => isSet(row(key))).join(' and ')}`,
    `set(${STATUS}, "priced") where ${STATUS} == "unpriced" and ${isSet(COST)}`,
    `set(${STATUS}, "estimated") where ${STATUS} == "priced" and ${q('estimated')} == true`,
    `set(${q('free')}, true) where ${isSet(ROW)} and ${row('free')} == true`,
    `set(${STATUS}, "free") where ${q('free')} == true`,
    `set(${COST}, 0.0) where ${q('free')} == true`,
    `set(${attribute(TOKENMETER_ATTR.costSource)}, "collector") where ${isSet(COST)}`,
    `set(${attribute(TOKENMETER_ATTR.priceVersion)}, ${text(table.version)})`,
    `set(${attribute(SAVED_ATTRIBUTE)}, ${q('all_read')} * (${row('in')} - ${row('read')}) / 1000000.0) where ${isSet(COST)} and ${isSet(ROW)} and ${isSet(row('read'))} and ${isSet(row('in'))} and ${row('in')} > ${row('read')} and ${q('all_read')} > 0.0`,
    ...tokensByTypeStatements(),
  ];
}

function tokensByTypeStatements(): readonly string[] {
  return tokensByType().map(([type, amount]) => {
    return `set(${attribute(tokensAttribute(type))}, ${amount}) where ${STATUS} != "usage_unknown" and ${amount} > 0.0`;
  });
}

function tokensByType(): readonly (readonly [type: string, amount: string])[] {
  const q = scratch;
  return [
    ['input', `(${q('in')} + ${q('audio_in')} + ${q('image_in')})`],
    ['cache_read', q('all_read')],
    ['cache_write', q('write')],
    ['output', `(${q('all_out')} - ${q('think')})`],
    ['reasoning', q('think')],
  ];
}
