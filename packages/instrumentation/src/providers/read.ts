/** Careful reading of values that an app or a provider made: a wrong type is the same as an absent value. */
import { types } from 'node:util';

export type Bag = Readonly<Record<string, unknown>>;

export function bag(value: unknown): Bag | undefined {
  return typeof value === 'object' && value !== null ? (value as Bag) : undefined;
}

/**
 * What an app passed, as far as it is data. Behind a proxy or an accessor, an inherited one too, stands code of the app's,
 * which may count its readers or tell each of them something else: that is the SDK's to run, and here the same as absent.
 */
export function dataOf(value: unknown): Bag | undefined {
  const passed = bag(value);
  if (passed === undefined || types.isProxy(passed)) return undefined;
  return isPlain(passed) ? passed : dataIn(passed);
}

/** As nearly all are, and then there is nothing to copy. */
function isPlain(passed: Bag): boolean {
  const prototype: unknown = Object.getPrototypeOf(passed);
  if (prototype !== Object.prototype && prototype !== null) return false;
  for (const key of Object.keys(passed)) if (Object.getOwnPropertyDescriptor(passed, key)?.get) return false;
  return true;
}

/** Its own properties over those that it inherits. An accessor hides what is below it. */
function dataIn(passed: Bag): Bag {
  const properties: [string, unknown][][] = [];
  for (
    let holder: object | null = passed;
    holder !== null && holder !== Object.prototype && !types.isProxy(holder);
    holder = Object.getPrototypeOf(holder)
  ) {
    const own = Object.entries(Object.getOwnPropertyDescriptors(holder));
    properties.unshift(own.map(([key, { value }]) => [key, value]));
  }
  return Object.fromEntries(properties.flat());
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function texts(values: readonly unknown[]): string[] {
  return values.filter((value): value is string => typeof value === 'string' && value !== '');
}

/** Characters of a text, none for what is no text. */
export function lengthOf(value: unknown): number {
  return typeof value === 'string' ? value.length : 0;
}

/** The texts of a list that an app passed, as far as they are data: see {@link dataOf}. Undefined where it is no list. */
export function textList(value: unknown): string[] | undefined {
  if (!Array.isArray(value) || types.isProxy(value)) return undefined;
  return texts(Object.keys(value).map((key) => Object.getOwnPropertyDescriptor(value, key)?.value));
}

/** How a request field becomes an attribute: field, attribute, reader. */
export type AttributeRow = readonly [
  field: string,
  attribute: string,
  read: (value: unknown) => AttributeValue | undefined,
];

export type AttributeValue = string | number | boolean | readonly string[];

/** Reads the fields that are there, in the order of the table. */
export function attributesFrom(source: Bag, rows: readonly AttributeRow[]): Record<string, AttributeValue> {
  const attributes: Record<string, AttributeValue> = {};
  for (const [field, attribute, read] of rows) {
    const value = source[field];
    if (value === undefined || value === null) continue;
    const attributeValue = read(value);
    if (attributeValue !== undefined) attributes[attribute] = attributeValue;
  }
  return attributes;
}
