/** What calls can be grouped and filtered by. */
import { ATTR, TOKENMETER_ATTR, UNTAGGED } from '@tokenmeter/semconv';
import { ATTRIBUTION_ROWS } from '../attributes.ts';
import { attributionReader } from '../attribution.ts';
import type { CallRecord } from '../record.ts';
import { clockOf } from './clock.ts';

/** The value of a key for a call; undefined where the call has none. */
export type KeyReader = (call: CallRecord) => string | undefined;

interface Key {
  /** The attributes that the value comes from. */
  readonly attributes: readonly string[];
  readonly read: KeyReader;
}

const KEYS: Readonly<Record<string, Key>> = {
  ...Object.fromEntries(
    ATTRIBUTION_ROWS.map(([attribute, key]): [string, Key] => {
      const read = attributionReader(key);
      return [key, { attributes: [attribute], read: (call) => read(call.attribution) }];
    }),
  ),
  /** Without `withRequest`, the calls of one trace are one request. */
  request: { attributes: [TOKENMETER_ATTR.request], read: (call) => call.attribution.request ?? call.traceId },
  provider: { attributes: [ATTR.providerName], read: (call) => call.provider },
  /** The model that answered, which is the one that is billed. */
  model: {
    attributes: [ATTR.responseModel, ATTR.requestModel],
    read: (call) => call.responseModel ?? call.requestModel,
  },
  operation: { attributes: [ATTR.operationName], read: (call) => call.operation },
  service: { attributes: [ATTR.serviceName], read: (call) => call.service },
  outcome: { attributes: [TOKENMETER_ATTR.outcome], read: (call) => call.outcome },
  status: { attributes: [TOKENMETER_ATTR.costStatus], read: (call) => call.cost.status },
};

/** Keys that depend on a time zone. */
const CLOCK_KEYS = ['day', 'hour'] as const;

/** The names of the keys that every ledger has; any other name is an attribution key of the app's own. */
export const GROUP_KEYS: readonly string[] = [...Object.keys(KEYS), ...CLOCK_KEYS];

/** `timeZone` is an IANA name and decides what a day and an hour are; default UTC. Throws a RangeError for an unknown zone. */
export function keyReader(name: string, timeZone?: string): KeyReader {
  const known = KEYS[name];
  if (known) return (call) => known.read(call) || undefined;
  if (name === 'day' || name === 'hour') {
    const clock = clockOf(name, timeZone);
    return (call) => clock(call.startTime);
  }
  const read = attributionReader(name);
  return (call) => read(call.attribution);
}

/** The attributes that {@link keyReader} needs. */
export function attributesOfKey(name: string): readonly string[] {
  const known = KEYS[name];
  if (known) return known.attributes;
  return CLOCK_KEYS.some((key) => key === name) ? [] : [TOKENMETER_ATTR.attributionPrefix + name];
}

/** `key=value`, or with `not`, `key!=value`. An empty value stands for "has none"; an untagged call has no feature. */
export interface Filter {
  readonly key: string;
  readonly value: string;
  readonly not?: boolean;
}

/** All keys must fit; several wanted values of one key are alternatives. */
export function filterOf(filters: readonly Filter[], timeZone?: string): (call: CallRecord) => boolean {
  const tests = [...new Set(filters.map(({ key }) => key))].map((key) => {
    const list = filters.filter((filter) => filter.key === key);
    const read = keyReader(key, timeZone);
    const any = new Set(list.filter(({ not }) => !not).map(({ value }) => meant(key, value)));
    const none = new Set(list.filter(({ not }) => not).map(({ value }) => meant(key, value)));
    return (call: CallRecord): boolean => {
      const value = read(call) ?? '';
      return (any.size === 0 || any.has(value)) && !none.has(value);
    };
  });
  return (call) => tests.every((test) => test(call));
}

function meant(key: string, value: string): string {
  return key === 'feature' && value === '' ? UNTAGGED : value;
}
