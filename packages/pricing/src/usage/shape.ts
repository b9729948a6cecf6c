import type { PriceContext, UsageReport } from '../types.ts';
import { add, amountOf, close, type Draft, type Meter, type MeterAt, meterAt, openDraft } from './draft.ts';
import { type Field, type Group, Level } from './level.ts';
import { at, each, firstName, firstObject, type Path, path } from './read.ts';
import { type Convention, settle } from './settle.ts';

/**
 * Reading a body is data: a {@link Shape} says where the numbers of a provider's API stand and how they are counted.
 *
 * - container: the object that is the response proper; the body itself, or what an envelope (stream event, batch line) wraps
 * - usage: the object in the container that holds the counts
 * - group: an object in the usage whose fields are meters, with nested groups
 * - tally: a list whose items are counted, or carry counts, by kind
 */
export interface Shape extends Convention {
  readonly containers: readonly Path[];
  /** Places of the usage in the container; a body without any reports nothing. */
  readonly usage: readonly Path[];
  readonly fields: readonly Field[];
  readonly groups?: readonly Group[];
  readonly tallies?: readonly Tally[];
  readonly context?: readonly ContextField[];
  /** What tables can't say; runs after the tables and before the totals are made canonical. */
  readonly also?: (draft: Draft, usage: object, container: object) => void;
}

/** What the kinds of a list's items count towards; other kinds are not counted. */
export type MetersByKind = ReadonlyMap<unknown, MeterAt>;

/** A list in the usage. */
export interface Tally {
  readonly list: readonly Path[];
  /** What an item's kind counts towards; a meter alone counts every item. */
  readonly meters: MeterAt | MetersByKind;
  readonly kind?: Path;
  /** Where an item's number stands; absent: each item counts one. */
  readonly count?: Path;
}

/** A fact that selects a rate, found in the container. */
export interface ContextField {
  readonly key: {
    [Key in keyof PriceContext]-?: PriceContext[Key] extends string | undefined ? Key : never;
  }[keyof PriceContext];
  readonly places: readonly Path[];
  /** Values to be renamed; renamed to nothing, a value says nothing. */
  readonly rename?: ReadonlyMap<string, string | undefined>;
}

/**
 * From a provider's body to a report; `undefined` when there is no usage in it. Pure, and never throws. Response headers
 * (names in lower case) are read where a provider counts there.
 */
export type UsageReader = (body: unknown, headers?: unknown) => UsageReport | undefined;

/** Most providers: totals contain everything. */
export const INCLUSIVE: Convention = { cache: 'inside', reasoning: 'inside' };

/** The body is the response. */
export const PLAIN: readonly Path[] = [[]];

/** A field; both spellings of each key are accepted. */
export function field(meter: Meter, ...keys: string[]): Field {
  return { meter: meterAt(meter), keys, adds: false };
}

/** A field that adds to the meter. */
export function addend(meter: Meter, ...keys: string[]): Field {
  return { ...field(meter, ...keys), adds: true };
}

/** A group under one of several names, in both spellings. */
export function group(names: readonly string[], fields: readonly Field[], groups: readonly Group[] = []): Group {
  return { names, fields, groups };
}

/** The table of a tally. */
export function byKind(meters: Readonly<Record<string, Meter>>): MetersByKind {
  return new Map(Object.entries(meters).map(([kind, meter]) => [kind, meterAt(meter)]));
}

/** For {@link Shape.also}: a meter that nothing stated takes what another stands at. */
export function copyIfAbsent(draft: Draft, meter: MeterAt, from: MeterAt): void {
  if (amountOf(draft, meter) === undefined) draft.amounts[meter] = draft.amounts[from] as number;
}

/** Several places, written as `a.b`. */
export function places(...texts: string[]): readonly Path[] {
  return texts.map(path);
}

/** The reader of a shape. */
export function reader(shape: Shape): UsageReader {
  const level = new Level({ fields: shape.fields, groups: shape.groups ?? [] });
  return (body) => {
    for (const place of shape.containers) {
      const container = at(body, place);
      const usage = firstObject(container, shape.usage);
      if (usage !== undefined) return readContainer(shape, level, container as object, usage);
    }
    return undefined;
  };
}

/** Tries several readers in turn. */
export function firstOf(...readers: readonly UsageReader[]): UsageReader {
  return (body, headers) => {
    for (const read of readers) {
      const result = read(body, headers);
      if (result !== undefined) return result;
    }
    return undefined;
  };
}

/** A reader of what a batch endpoint returns: only the endpoint tells. */
export function batched(read: UsageReader): UsageReader {
  return (body) => {
    const result = read(body);
    return result && { ...result, context: { ...result.context, batch: true } };
  };
}

function readContainer(shape: Shape, level: Level, container: object, usage: object): UsageReport | undefined {
  const draft = openDraft();
  level.read(draft, usage);
  if (shape.tallies) for (const tally of shape.tallies) count(draft, usage, tally);
  if (shape.context) for (const fact of shape.context) readContext(draft, container, fact);
  shape.also?.(draft, usage, container);
  settle(draft, shape);
  return close(draft);
}

/** Counts the items of a list. */
function count(draft: Draft, from: object, tally: Tally): void {
  const { meters, kind, count: number } = tally;
  each(firstObject(from, tally.list), (item) => {
    const meter = typeof meters === 'number' ? meters : meters.get(kind === undefined ? item : at(item, kind));
    if (meter === undefined) return;
    const value = number === undefined ? 1 : at(item, number);
    if (value !== undefined && value !== null) add(draft, meter, value, number?.join('.') ?? 'list');
  });
}

function readContext(draft: Draft, container: object, fact: ContextField): void {
  const stated = firstName(container, fact.places);
  if (stated === undefined) return;
  const value = fact.rename?.has(stated) ? fact.rename.get(stated) : stated;
  if (value !== undefined) draft.context[fact.key] = value;
}
