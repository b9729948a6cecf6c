/**
 * What to do with each attribute of a span: the table of `attributes.ts`, read backwards into a draft. Values come from
 * files; one of another type than the contract's counts as absent.
 */
import { ATTR, TOKENMETER_ATTR, UNTAGGED } from '@tokenmeter/semconv';
import {
  ATTRIBUTION_ROWS,
  AUDIT_ROWS,
  CACHE_WRITE_ATTRIBUTES,
  CALL_ROWS,
  COST_ROWS,
  type Row,
  USAGE_ROWS,
  type ValueKind,
} from '../attributes.ts';

type Fields = Record<string, unknown>;

/** A call while its attributes are read: its parts, which become those of the record, and what is not in its final form. */
export interface Draft {
  readonly call: Fields;
  readonly attribution: Fields;
  readonly usage: Fields;
  readonly cost: Fields;
  /** What the table has no field for. */
  readonly rest: [string, unknown][];
  readonly extra: [string, string][];
  stream: boolean;
  /** Milliseconds. */
  timeToFirstChunk?: number;
  /** Sum of all cache writes. */
  cacheWrites?: number;
  usd?: number;
  listUsd?: number;
  savedUsd?: number;
  flags?: readonly string[];
  service?: string;
}

export function newDraft(): Draft {
  return {
    call: { provider: '' },
    attribution: { feature: UNTAGGED },
    usage: {},
    cost: { version: '' },
    rest: [],
    extra: [],
    stream: false,
    timeToFirstChunk: undefined,
    cacheWrites: undefined,
    usd: undefined,
    listUsd: undefined,
    savedUsd: undefined,
    flags: undefined,
    service: undefined,
  };
}

export type Reader = (draft: Draft, value: unknown) => void;

/** Readers by attribute name. */
export type ReaderTable = ReadonlyMap<string, Reader>;

/** No call costs more; a larger number in a file is damage, and one of them would bury a report. */
const MOST_USD = 1e9;

const FITS: Readonly<Record<ValueKind, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number' && value >= 0 && Number.isFinite(value),
  strings: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
};

type Part = 'call' | 'attribution' | 'usage' | 'cost';

function same<Target>(part: Part, rows: readonly Row<Target>[]): [string, Reader][] {
  return rows.map(([name, field, kind]) => {
    const fits = FITS[kind];
    return [
      name,
      (draft, value) => {
        if (fits(value)) draft[part][field] = value;
      },
    ];
  });
}

function typed<T>(kind: ValueKind, name: string, set: (draft: Draft, value: T) => void): [string, Reader] {
  const fits = FITS[kind];
  return [
    name,
    (draft, value) => {
      if (fits(value)) set(draft, value as T);
    },
  ];
}

/** Everything that a record holds. */
export const ALL_ATTRIBUTES: ReaderTable = new Map([
  ...same('call', CALL_ROWS),
  ...same('attribution', ATTRIBUTION_ROWS),
  ...same('usage', USAGE_ROWS),
  ...same('cost', COST_ROWS),
  ...same('cost', AUDIT_ROWS),
  typed<number>('number', TOKENMETER_ATTR.costUsd, (draft, usd) => {
    if (usd <= MOST_USD) draft.usd = usd;
  }),
  typed<number>('number', TOKENMETER_ATTR.costListUsd, (draft, usd) => {
    if (usd <= MOST_USD) draft.listUsd = usd;
  }),
  typed<number>('number', TOKENMETER_ATTR.costCacheSavingsUsd, (draft, usd) => {
    if (usd <= MOST_USD) draft.savedUsd = usd;
  }),
  typed<number>('number', ATTR.responseTimeToFirstChunk, (draft, seconds) => {
    draft.timeToFirstChunk = Math.round(seconds * 1e9) / 1e6;
  }),
  ...CACHE_WRITE_ATTRIBUTES.map((spelling) =>
    typed<number>('number', spelling, (draft, tokens) => {
      draft.cacheWrites ??= tokens;
    }),
  ),
  typed<string[]>('strings', TOKENMETER_ATTR.costFlags, (draft, flags) => {
    draft.flags = flags;
  }),
  typed<string>('string', ATTR.serviceName, (draft, service) => {
    draft.service = service;
  }),
  [
    ATTR.requestStream,
    (draft, value) => {
      draft.stream = value === true;
    },
  ],
]);

/** Keeps an attribute that is in no row: one of the app's own attribution keys, or another attribute of the span. */
export function readRest(draft: Draft, name: string, value: unknown): void {
  if (name.startsWith(TOKENMETER_ATTR.attributionPrefix)) readExtra(draft, name, value);
  else if (value !== undefined) draft.rest.push([name, value]);
}

function readExtra(draft: Draft, name: string, value: unknown): void {
  if (typeof value === 'string') draft.extra.push([name.slice(TOKENMETER_ATTR.attributionPrefix.length), value]);
}

/**
 * A smaller table, for sums over many calls: fields of other attributes stay absent, and so does all that is in no row.
 */
export function readersOf(names: Iterable<string>): ReaderTable {
  const table = new Map<string, Reader>();
  for (const name of names) {
    const reader = ALL_ATTRIBUTES.get(name);
    if (reader) table.set(name, reader);
    else if (name.startsWith(TOKENMETER_ATTR.attributionPrefix)) {
      table.set(name, (draft, value) => readExtra(draft, name, value));
    }
  }
  return table;
}
