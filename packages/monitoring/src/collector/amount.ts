/** OTTL that makes an amount and its status of quantities and a row of prices. */
import { ATTR, TOKENMETER_ATTR } from '@tokenmeter/semconv';
import { attribute, cache, double, firstOf, isSet, set, text } from './ottl.ts';
import { type Clock, STAND_INS } from './prices.ts';
import { ESTIMATED, isNoNumber, promptStatements, type Quantities, sumOf, tokensByType } from './quantities.ts';
import { ROW_PATH, rowOf, SAVED } from './scratch.ts';

const STATUS = attribute(TOKENMETER_ATTR.costStatus);
const COST = attribute(TOKENMETER_ATTR.costUsd);
const ERROR = attribute(ATTR.errorType);
const SERVED = attribute(ATTR.openaiResponseServiceTier);
const ASKED = attribute(ATTR.openaiRequestServiceTier);

const USUAL_SERVICE = '^(|default|standard|auto|on_demand)$';

/** A row that has other prices for a time, a size or a service. */
export const REFINED: string = `${isSet(ROW_PATH)} and (${[rowOf('next'), rowOf('peak'), rowOf('tier'), SERVED, ASKED].map(isSet).join(' or ')})`;

/** Puts the row of the time, the service and the prompt's size in the place of the model's. */
export function refineStatements(tierDepth: number, clocks: readonly Clock[]): readonly string[] {
  const service = cache('service');
  const longWrites = cache('long_writes');
  const keepEstimated = set(ESTIMATED, 'true', `${rowOf('estimated')} == true`);
  /** By way of the cache: a map cannot be replaced by a part of itself. */
  const replace = (name: string, part: string, where: string): readonly string[] => [
    set(cache(name), part, where),
    set(ROW_PATH, cache(name), isSet(cache(name))),
  ];
  const prices = `${rowOf('services')}[${service}]`;
  return [
    ...[1, 2, 3].flatMap((step) => {
      const since = `UnixNano(span.start_time) >= ${rowOf('from')} * 1000000000.0`;
      return replace(`next${step}`, rowOf('next'), `${isSet(rowOf('next'))} and ${since}`);
    }),
    ...clocks.flatMap((clock, index) => clockStatements(clock, index)),
    keepEstimated,
    set(longWrites, 'true', `${rowOf('long_writes')} == true`),
    set(
      service,
      `ConvertCase(${SERVED}, "lower")`,
      `${isSet(SERVED)} and not IsMatch(${SERVED}, ${text(USUAL_SERVICE)})`,
    ),
    set(ESTIMATED, 'true', `${isSet(service)} and (${rowOf('services')} == nil or ${prices} == nil)`),
    // Another service was asked for, and nobody says which one it was.
    set(ESTIMATED, 'true', `${SERVED} == nil and ${isSet(ASKED)} and not IsMatch(${ASKED}, ${text(USUAL_SERVICE)})`),
    ...replace('served', prices, `${isSet(service)} and ${isSet(rowOf('services'))} and ${isSet(prices)}`),
    ...promptStatements(),
    ...Array.from({ length: tierDepth }, (_, step) => [
      keepEstimated,
      set(ESTIMATED, 'true', `${isSet(rowOf('ambiguous'))} and ${cache('prompt')} == ${rowOf('ambiguous')}`),
      ...replace(`tier${step}`, rowOf('tier'), `${isSet(rowOf('tier'))} and ${cache('prompt')} > ${rowOf('above')}`),
    ]).flat(),
    set(rowOf('estimated'), 'true', `${ESTIMATED} == true`),
    set(rowOf('long_writes'), 'true', `${longWrites} == true`),
  ];
}

/** The hour is told by when the call began, in UTC; the day by the seller's own calendar. */
function clockStatements(
  { offsetHours, windows, days, holidays, holidaysUntil }: Clock,
  index: number,
): readonly string[] {
  const minute = '(Hour(span.start_time) * 60 + Minute(span.start_time))';
  const local = `span.start_time + Duration(${text(`${offsetHours}h`)})`;
  const date = `FormatTime(${local}, "%Y-%m-%d")`;
  const hours = windows.map(([from, to]) => `(${minute} >= ${from} and ${minute} < ${to})`).join(' or ');
  const open = [
    `${isSet(rowOf('peak'))} and ${rowOf('clock')} == ${double(index)} and (${hours})`,
    `(${days.map((day) => `Weekday(${local}) == ${day}`).join(' or ')})`,
    ...(holidays.length === 0 ? [] : [`not IsMatch(${date}, ${text(`^(${holidays.join('|')})$`)})`]),
  ].join(' and ');
  const peak = cache(`peak${index}`);
  return [
    set(peak, rowOf('peak'), open),
    set(ROW_PATH, peak, isSet(peak)),
    // Whether a later day is a holiday is not known.
    set(ESTIMATED, 'true', `${isSet(peak)} and ${date} > ${text(holidaysUntil)}`),
  ];
}

/** The rate itself, and those that stand in for it. */
function ratesOf(key: string): readonly string[] {
  const standIn = STAND_INS.find((one) => one.key === key);
  return [rowOf(key), ...(standIn === undefined ? [] : ratesOf(standIn.other))];
}

/** Status, amount, savings and tokens of a span whose quantities are in the cache. */
export function amountStatements(quantities: Quantities): readonly string[] {
  const { input, cached, output } = quantities;
  const unpriced = `${STATUS} == "unpriced"`;
  const read = sumOf(cached);
  const parts = [...input, ...cached].map((key) => `${cache(key)} * ${firstOf(ratesOf(key))}`);
  // A model without a rate for its output is priced as long as it writes nothing.
  const written = output.map((key) => `${cache(key)} * ${firstOf([...ratesOf(key), '0.0'])}`);
  const rated = output.map((key) => `(${isSet(firstOf(ratesOf(key)))} or ${cache(key)} == 0.0)`);
  const inferred = STAND_INS.filter(({ key, estimate }) => estimate && [...input, ...cached, ...output].includes(key));
  const estimates = [
    `${rowOf('estimated')} == true`,
    `${rowOf('long_writes')} == true and ${cache('write')} > 0.0`,
    // Cached tokens of a modality are read from the cache, too.
    ...inferred.map(({ key }) => `${key === 'read' ? read : cache(key)} > 0.0 and ${rowOf(key)} == nil`),
  ];
  const refused = `${STATUS} == "usage_unknown" and ${isSet(ERROR)} and IsMatch(${ERROR}, "^(4[0-9][0-9]|503|529)$") and not IsMatch(${ERROR}, "^(408|460|499)$")`;
  return [
    set(ESTIMATED, 'true', `${isSet(ROW_PATH)} and (${estimates.map((one) => `(${one})`).join(' or ')})`),
    set(
      COST,
      `(${[...parts, ...written].join(' + ')}) / 1000000.0 + ${firstOf([rowOf('request'), '0.0'])}`,
      [unpriced, isSet(rowOf('in')), ...rated].join(' and '),
    ),
    set(STATUS, '"priced"', `${unpriced} and ${isSet(COST)}`),
    set(STATUS, '"estimated"', `${ESTIMATED} == true and ${STATUS} == "priced"`),
    // What a provider refused costs nothing; what it may have worked on is unknown.
    set(STATUS, '"free"', `${rowOf('free')} == true or (${refused})`),
    set(COST, '0.0', `${STATUS} == "free"`),
    set(attribute(TOKENMETER_ATTR.costSource), '"collector"', isSet(COST)),
    set(
      SAVED,
      `${read} * (${rowOf('in')} - ${rowOf('read')}) / 1000000.0`,
      `${read} > 0.0 and ${isSet(COST)} and ${isSet(rowOf('read'))} and ${rowOf('in')} > ${rowOf('read')}`,
    ),
    ...tokensByType(quantities, `${STATUS} != "usage_unknown"`),
  ];
}

/** Of a span that is to be priced: first what is known of its usage. */
export function statusStatements(quantities: Quantities, unknown?: string): readonly string[] {
  return [
    set(STATUS, '"unpriced"'),
    set(STATUS, '"usage_unknown"', isNoNumber(quantities)),
    ...(unknown === undefined ? [] : [set(STATUS, '"usage_unknown"', unknown)]),
  ];
}
