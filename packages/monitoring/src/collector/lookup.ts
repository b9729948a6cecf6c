/**
 * OTTL that finds the price of a span's model: who sends the bill, and that seller's row for the model.
 *
 * The table stands in a cache that the group's spans share, built with the first of them. It has no lock: `batch`, which
 * has one goroutine, stands in front of the processor. What is of one span is set for each, so that none sees another's.
 */
import { ATTR, TOKENMETER_ATTR } from '@tokenmeter/semconv';
import { attribute, cache, double, firstOf, isSet, literal, set, text } from './ottl.ts';
import { clocksOf, type PriceRow, type PriceTable } from './prices.ts';
import { CALL_PATH, ROW_PATH } from './scratch.ts';

const HOST = attribute(ATTR.serverAddress);
const PROVIDER = attribute(ATTR.providerName);
const REQUEST = attribute(ATTR.requestModel);
const RESPONSE = attribute(ATTR.responseModel);

/** `""` where it is not known. */
const SELLER = cache('seller');
const MODEL = cache('model');
/** No row so far. */
const OPEN = cache('open');

const TABLE = cache('prices');
const seller = (of: string): string => `${cache('names')}[${of}]`;
const row = (model: string): string => `${TABLE}[${SELLER}][${model}]`;

/** For a group with a shared cache. */
export function lookUpStatements(table: PriceTable): readonly string[] {
  return [
    set('span.cache', tableLiteral(table), `${TABLE} == nil`),
    set(CALL_PATH, '{}'),
    set(attribute(TOKENMETER_ATTR.priceVersion), text(table.version)),
    ...sellerStatements(),
    ...rowStatements(),
  ];
}

function tableLiteral(table: PriceTable): string {
  const texts = (entries: ReadonlyMap<string, string>): string => {
    return literal(Object.fromEntries([...entries].map(([key, value]) => [key, text(value)])));
  };
  const clocks = clocksOf(table);
  const rows = [...table.sellers].map(([id, priced]) => {
    const of = [...priced].map(([model, one]) => [model, rowLiteral(one, clocks)] as const);
    return [id, literal(Object.fromEntries(of))] as const;
  });
  return literal({
    names: texts(table.names),
    hosts: texts(table.hosts),
    providers: texts(table.providers),
    prices: literal(Object.fromEntries(rows)),
  });
}

function rowLiteral(priced: PriceRow, clocks: readonly string[]): string {
  const { rates, estimated, free, snapshots, longWrites, tier, services, peak, next } = priced;
  const literalOf = (one: PriceRow): string => rowLiteral(one, clocks);
  return literal({
    ...Object.fromEntries(Object.entries(rates).map(([key, rate]) => [key, double(rate)])),
    ...(estimated && { estimated: 'true' }),
    ...(free && { free: 'true' }),
    ...(snapshots && { snapshots: 'true' }),
    ...(longWrites && { long_writes: 'true' }),
    ...(tier && {
      above: double(tier.above),
      ...(tier.ambiguousAt !== undefined && { ambiguous: double(tier.ambiguousAt) }),
      tier: literalOf(tier.row),
    }),
    ...(services && {
      services: literal(Object.fromEntries(Object.entries(services).map(([name, one]) => [name, literalOf(one)]))),
    }),
    ...(peak && { clock: double(clocks.indexOf(JSON.stringify(peak.clock))), peak: literalOf(peak.row) }),
    ...(next && { from: double(next.from), next: literalOf(next.row) }),
  });
}

/** The host decides who sends the bill, as in the engine; then the name. */
function sellerStatements(): readonly string[] {
  const host = cache('host');
  const unknown = `${SELLER} == ""`;
  const byHost = set(SELLER, firstOf([`${cache('hosts')}[${host}]`, '""']), unknown);
  const withoutLabel = `replace_pattern(${host}, "^[^.]+\\\\.", "") where ${unknown}`;
  const wild = (id: string, pattern: string): string => {
    return set(SELLER, text(id), `${unknown} and ${isSet(HOST)} and IsMatch(${HOST}, ${text(pattern)})`);
  };
  return [
    set(SELLER, firstOf([seller(PROVIDER), '""']), `${HOST} == nil and ${isSet(PROVIDER)}`),
    set(SELLER, firstOf([`${cache('hosts')}[${HOST}]`, '""']), isSet(HOST)),
    set(SELLER, '""', `${HOST} == nil and ${PROVIDER} == nil`),
    // What is not written as the table has it.
    set(host, `ConvertCase(${firstOf([HOST, '""'])}, "lower")`, unknown),
    byHost,
    withoutLabel,
    byHost,
    withoutLabel,
    byHost,
    wild('bedrock', '^bedrock-(runtime|runtime-fips|mantle)\\..*(amazonaws\\.com|api\\.aws)$'),
    wild('vertex', '(^|\\.|-)aiplatform\\..*googleapis\\.com$'),
    set(SELLER, firstOf([seller(`ConvertCase(${PROVIDER}, "lower")`), '""']), `${unknown} and ${isSet(PROVIDER)}`),
    set(PROVIDER, `${cache('providers')}[${SELLER}]`, isSet(`${cache('providers')}[${SELLER}]`)),
  ];
}

/** The model that answered, else the one that was asked for; Bedrock's ids say more in the request. */
function rowStatements(): readonly string[] {
  const second = cache('second');
  const both = `${isSet(REQUEST)} and ${isSet(RESPONSE)}`;
  // The answer named a model that is not known: that of the request is a guess.
  const again = `${OPEN} == true and ${second} == true`;
  return [
    set(MODEL, firstOf([RESPONSE, REQUEST, '""'])),
    set(MODEL, REQUEST, `${SELLER} == "bedrock" and ${isSet(REQUEST)}`),
    set(ROW_PATH, row(MODEL), isSet(row(MODEL))),
    set(OPEN, 'true'),
    set(OPEN, 'false', isSet(ROW_PATH)),
    ...spelledOtherwise(`${OPEN} == true`),
    set(second, 'false'),
    set(second, 'true', `${OPEN} == true and ${both}`),
    set(MODEL, firstOf([REQUEST, '""']), again),
    set(MODEL, firstOf([RESPONSE, '""']), `${again} and ${SELLER} == "bedrock"`),
    ...spelledOtherwise(again),
    set(`${ROW_PATH}["estimated"]`, 'true', `${second} == true and ${isSet(ROW_PATH)}`),
    // A runtime on a machine of one's own sends no bill.
    set(
      ROW_PATH,
      '{"free": true}',
      `${SELLER} == "local" and ${isSet(HOST)} and IsMatch(${HOST}, "^(localhost|127\\\\..*|10\\\\..*|192\\\\.168\\\\..*|[^.:]+|::1)$")`,
    ),
  ];
}

/** In lower case, without a path, without a seller's name, and without a date where a row allows snapshots. */
function spelledOtherwise(open: string): readonly string[] {
  const base = cache('base');
  const own = cache('own');
  const date =
    '[-@](20[0-9]{2}-?(0[1-9]|1[0-2])-?(0[1-9]|[12][0-9]|3[01])|(0[1-9]|1[0-2])-20[0-9]{2}|(0[1-9]|1[0-2])-?(0[1-9]|[12][0-9]|3[01])|2[3-9](0[1-9]|1[0-2])|00[1-9])$';
  const found = [
    set(ROW_PATH, row(MODEL), `${open} and ${isSet(row(MODEL))}`),
    set(OPEN, 'false', `${open} and ${isSet(ROW_PATH)}`),
  ];
  const without = (pattern: string): string => `replace_pattern(${MODEL}, ${text(pattern)}, "") where ${open}`;
  const bedrock = ` and ${SELLER} == "bedrock"`;
  return [
    set(MODEL, `ConvertCase(${MODEL}, "lower")`, open),
    ...found,
    without('^(arn:[^/]*/|(.*/)?(publishers/[^/]+/)?models/)'),
    ...found,
    // The seller's own name in front.
    set(own, `Split(${MODEL}, "/")[0]`, open),
    set(
      MODEL,
      `Substring(${MODEL}, Len(${own}) + 1, Len(${MODEL}) - Len(${own}) - 1)`,
      `${open} and IsMatch(${MODEL}, "^[^/]+/") and ${seller(own)} == ${SELLER}`,
    ),
    ...found,
    without('(-v[0-9]+)?(:[0-9]+(:\\w+)?)?$') + bedrock,
    ...found,
    without('^(us-gov|us|eu|apac|au|jp|ca|in|sa|me|af|regional)\\.') + bedrock,
    ...found,
    set(base, MODEL, open),
    `replace_pattern(${base}, ${text(date)}, "") where ${open}`,
    set(ROW_PATH, row(base), `${open} and ${isSet(row(base))} and ${row(base)}["snapshots"] == true`),
    set(OPEN, 'false', `${open} and ${isSet(ROW_PATH)}`),
  ];
}
