/**
 * One level of a usage object: the tables for the object itself. Tables name every key that any host ever used, in two
 * spellings, and a body has few of them; looking for keys that are not there costs more than all else. Bodies of one API
 * have the same keys time after time, so what the tables can find among the keys of the last body is kept.
 */
import type { MeterAt } from './draft.ts';
import { type Path, spellings } from './read.ts';

/** A meter and the keys that may hold it, the best first. The first field of a table that speaks for a meter wins. */
export interface Field {
  readonly meter: MeterAt;
  readonly keys: readonly string[];
  /** Adds to what earlier fields said, instead of standing in for it. */
  readonly adds: boolean;
}

/** An object in the usage (or in the parent group), under one of several names. */
export interface Group {
  readonly names: readonly string[];
  readonly fields: readonly Field[];
  readonly groups: readonly Group[];
}

/** The tables as they are read: keys and names in all spellings. */
export interface Rows {
  readonly fields: readonly Field[];
  readonly groups: readonly { readonly places: readonly Path[]; readonly level: Level }[];
}

interface Choice extends Rows {
  /** The keys of the object, in their order. */
  readonly of: readonly string[];
}

export class Level {
  readonly #tables: Pick<Group, 'fields' | 'groups'>;
  /** Worked out at the first body, so that writing tables down costs an importer nothing. */
  #all: Rows | undefined;
  #last: Choice | undefined;

  constructor(tables: Pick<Group, 'fields' | 'groups'>) {
    this.#tables = tables;
  }

  /** The rows that may find something in `from`. Never throws. */
  rowsFor(from: object): Rows {
    this.#all ??= spelled(this.#tables);
    try {
      // An instance of a class may have keys that cannot be listed.
      if (!isPlain(from)) return this.#all;
      if (!this.#last || !sameKeys(from, this.#last.of)) this.#last = choose(this.#all, Object.keys(from));
      return this.#last;
    } catch {
      return this.#all;
    }
  }
}

function isPlain(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object);
  return prototype === Object.prototype || prototype === null;
}

function sameKeys(object: object, keys: readonly string[]): boolean {
  let index = 0;
  for (const key in object) {
    if (keys[index] !== key) return false;
    index += 1;
  }
  return index === keys.length;
}

function spelled({ fields, groups }: Pick<Group, 'fields' | 'groups'>): Rows {
  return {
    fields: fields.map((field) => ({ ...field, keys: field.keys.flatMap(spellings) })),
    groups: groups.map((group) => ({
      places: group.names.flatMap(spellings).map((name) => [name]),
      level: new Level(group),
    })),
  };
}

function choose({ fields, groups }: Rows, keys: readonly string[]): Choice {
  const there = new Set(keys);
  return {
    of: keys,
    fields: fields
      .map((field) => ({ ...field, keys: field.keys.filter((key) => there.has(key)) }))
      .filter((field) => field.keys.length > 0),
    groups: groups
      .map(({ places, level }) => ({ level, places: places.filter(([name]) => there.has(name as string)) }))
      .filter((group) => group.places.length > 0),
  };
}
