/**
 * One level of a usage object, and how it is read. Tables name every key that any host ever used, in two spellings, and a
 * body has few of them, so a body's own keys are looked up in the table, in one pass. Where that does not decide (a meter
 * under two keys, a value that is no quantity, an object that hides its keys) the table is gone through in its order.
 */
import { add, amountOf, type Draft, type MeterAt } from './draft.ts';
import { firstObject, get, type Path, quantity, spellings } from './read.ts';

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
interface Rows {
  readonly fields: readonly Field[];
  readonly groups: readonly { readonly places: readonly Path[]; readonly level: Level }[];
  /** What a key stands for: the meter of a field, or the place of a group. A key of a field that adds stands for none. */
  readonly byKey: ReadonlyMap<string, { readonly meter?: MeterAt; readonly group?: number }>;
}

export class Level {
  readonly #tables: Pick<Group, 'fields' | 'groups'>;
  /** Worked out at the first body, so that writing tables down costs an importer nothing. */
  #rows: Rows | undefined;

  constructor(tables: Pick<Group, 'fields' | 'groups'>) {
    this.#tables = tables;
  }

  /** Adds what `from` holds to the draft. Never throws. */
  read(draft: Draft, from: object): void {
    this.#rows ??= spelled(this.#tables);
    const found = readKeys(draft, from, this.#rows) ?? readRows(draft, from, this.#rows);
    for (let group = 0; group < found.length; group += 1) {
      const inner = found[group];
      if (inner !== undefined) this.#rows.groups[group]?.level.read(draft, inner);
    }
  }
}

/** The objects of the groups, by their place. */
type Found = readonly (object | undefined)[];

/** Goes by the keys of the object. Undefined, and nothing is added: they do not decide. */
function readKeys(draft: Draft, from: object, { byKey, groups }: Rows): Found | undefined {
  const { amounts } = draft;
  const found: (object | undefined)[] = groups.map(() => undefined);
  const taken: MeterAt[] = [];
  try {
    // An instance of a class may have keys that cannot be listed.
    if (!isPlain(from)) return undefined;
    for (const key in from) {
      const entry = byKey.get(key);
      if (entry === undefined) continue;
      const value: unknown = from[key as never];
      if (value === undefined || value === null) continue;
      const { meter, group } = entry;
      if (meter !== undefined && quantity(value) !== undefined && Number.isNaN(amounts[meter])) {
        // There is no -0 among quantities.
        amounts[meter] = (value as number) + 0;
        taken.push(meter);
      } else if (group !== undefined && typeof value === 'object' && found[group] === undefined) {
        found[group] = value;
      } else {
        return giveBack(amounts, taken);
      }
    }
    return found;
  } catch {
    return giveBack(amounts, taken);
  }
}

function giveBack(amounts: number[], taken: readonly MeterAt[]): undefined {
  for (const meter of taken) amounts[meter] = Number.NaN;
}

/** Goes by the tables. */
function readRows(draft: Draft, from: object, { fields, groups }: Rows): Found {
  for (const { meter, adds, keys } of fields) {
    if (!adds && amountOf(draft, meter) !== undefined) continue;
    for (const key of keys) {
      const value = get(from, key);
      if (value === undefined || value === null) continue;
      add(draft, meter, value, key);
      break;
    }
  }
  return groups.map(({ places }) => firstObject(from, places));
}

function isPlain(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object);
  return prototype === Object.prototype || prototype === null;
}

function spelled(tables: Pick<Group, 'fields' | 'groups'>): Rows {
  const fields = tables.fields.map((field) => ({ ...field, keys: field.keys.flatMap(spellings) }));
  const names = tables.groups.map((group) => group.names.flatMap(spellings));
  const entries = [
    ...fields.flatMap(({ meter, adds, keys }) => keys.map((key) => [key, adds ? {} : { meter }] as const)),
    ...names.flatMap((own, group) => own.map((name) => [name, { group }] as const)),
  ];
  const byKey = new Map<string, { readonly meter?: MeterAt; readonly group?: number }>();
  // A key in two rows stands for none.
  for (const [key, entry] of entries) byKey.set(key, byKey.has(key) ? {} : entry);
  return {
    fields,
    groups: tables.groups.map((group, index) => ({
      places: (names[index] ?? []).map((name) => [name]),
      level: new Level(group),
    })),
    byKey,
  };
}
