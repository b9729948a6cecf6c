/**
 * Which of a row's rate sets a call is billed by. Two independent facts select it: how it was served (batch, flex,
 * priority, fast …) and where (a place that costs more). They are packed into one small number, so that the hot path
 * compares numbers and builds no string.
 */
import type { PriceContext } from './types.ts';

/** Words for how a call was served, by code. 0 is the standard service; the last is any word that we do not know. */
const SERVICES = [
  '',
  'batch',
  'flex',
  'priority',
  'fast',
  'search-low',
  'search-medium',
  'search-high',
  'unknown',
] as const;

/** Words for where. 0: no place that changes the price. `regional`: any cloud region, as opposed to the global endpoint. */
const PLACES = ['', 'us', 'eu', 'regional', 'unknown'] as const;

const PLACE_FACTOR = 16;
const UNKNOWN_SERVICE = SERVICES.indexOf('unknown');
const UNKNOWN_PLACE = PLACES.indexOf('unknown');
const REGIONAL = PLACES.indexOf('regional');
const SEARCH_LOW = SERVICES.indexOf('search-low');

/** Words of the providers, lower case, for the standard service and for the others. */
const SERVICE_WORDS: ReadonlyMap<string, number> = new Map<string, number>([
  ...[
    '',
    'default',
    'standard',
    'standard_only',
    'auto',
    'on_demand',
    'on-demand',
    'ondemand',
    'performance',
    'unspecified',
    'traffic_type_unspecified',
    'service_tier_unspecified',
  ].map((word) => [word, 0] as const),
  ['batch', 1],
  ['flex', 2],
  ['on_demand_flex', 2],
  ['priority', 3],
  ['on_demand_priority', 3],
  ['fast', 4],
]);

const PLACE_WORDS: ReadonlyMap<string, number> = new Map<string, number>([
  ...['', 'global', 'not_available', 'unspecified'].map((word) => [word, 0] as const),
  ['us', 1],
  ['eu', 2],
]);

const SEARCH_SIZES: ReadonlyMap<string, number> = new Map([
  ['low', SERVICES.indexOf('search-low')],
  ['medium', SERVICES.indexOf('search-medium')],
  ['high', SERVICES.indexOf('search-high')],
]);

/** Standard service, no special place. */
export const STANDARD = 0;

/** Code of a variant's name in the book, e.g. `batch+us`; `undefined` when a word of it is not known. */
export function variantCode(name: string): number | undefined {
  let code = 0;
  for (const word of name.split('+')) {
    const service = (SERVICES as readonly string[]).indexOf(word);
    const place = (PLACES as readonly string[]).indexOf(word);
    if (word === '' || word === 'unknown' || (service < 0 && place < 0)) return undefined;
    code += service > 0 ? service : place * PLACE_FACTOR;
  }
  return code;
}

/**
 * Code of the facts of a call, from the one who knows best to the one who knows least (response, request, host): each
 * fact is taken from the first that states it. Never throws; a word that is not known gives a code that no row has.
 */
export function contextCode(
  best?: PriceContext | null,
  next?: PriceContext | null,
  last?: PriceContext | null,
): number {
  if (!best && !next && !last) return STANDARD;
  let service = word(best?.serviceTier ?? next?.serviceTier ?? last?.serviceTier, SERVICE_WORDS, UNKNOWN_SERVICE);
  if ((best?.batch ?? next?.batch) === true) service = 1;
  const speed = word(best?.speed ?? next?.speed, SERVICE_WORDS, UNKNOWN_SERVICE);
  // Fast together with another service is no combination that anyone sells.
  if (speed !== 0) service = service === 0 ? speed : UNKNOWN_SERVICE;
  // The size of a search is a price dimension of sellers without service tiers.
  if (service === 0) service = word(best?.searchContextSize ?? next?.searchContextSize, SEARCH_SIZES, 0);
  const place =
    word(best?.geo ?? next?.geo ?? last?.geo, PLACE_WORDS, UNKNOWN_PLACE) ||
    regional(best?.region ?? next?.region ?? last?.region);
  return service + place * PLACE_FACTOR;
}

/** `code` without its place, without its service: the combinations to fall back to, nearest first. */
export function nearerCodes(code: number): readonly number[] {
  return [code % PLACE_FACTOR, code - (code % PLACE_FACTOR), STANDARD];
}

/**
 * `code` without the facts that only matter to rows which declare them: a cloud region where no regional rates are
 * published, the size of a search where no fee depends on it.
 */
export function publishedCode(code: number, variants: { has(code: number): boolean }): number {
  let result = code;
  if (Math.floor(result / PLACE_FACTOR) === REGIONAL && !variants.has(REGIONAL * PLACE_FACTOR)) result %= PLACE_FACTOR;
  const service = result % PLACE_FACTOR;
  if (SERVICES[service]?.startsWith('search-') === true && !variants.has(service)) result -= service;
  return result;
}

/** The fee depends on the size of the search, and the call does not say it. */
export function isSearchSizeMissing(code: number, variants: { has(code: number): boolean }): boolean {
  return code % PLACE_FACTOR === STANDARD && variants.has(SEARCH_LOW);
}

function regional(region: unknown): number {
  if (typeof region !== 'string' || region === '') return 0;
  return region.toLowerCase() === 'global' ? 0 : REGIONAL;
}

function word(value: unknown, words: ReadonlyMap<string, number>, unknown: number): number {
  if (typeof value !== 'string') return 0;
  return words.get(value) ?? words.get(value.trim().toLowerCase()) ?? unknown;
}
