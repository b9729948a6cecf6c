/** Pieces of OTTL, the collector's language. */

/** A text literal. */
export function text(value: string): string {
  return JSON.stringify(value);
}

/** A number that OTTL takes for a double: `10.0`, never `10`, which cannot be multiplied with one. */
export function double(value: number): string {
  const written = value.toFixed(12).replace(/0+$/, '');
  return written.endsWith('.') ? `${written}0` : written;
}

/** A map of literals. */
export function literal(entries: Readonly<Record<string, string>>): string {
  return `{${Object.entries(entries)
    .map(([key, value]) => `${text(key)}: ${value}`)
    .join(', ')}}`;
}

export function attribute(name: string): string {
  return `span.attributes[${text(name)}]`;
}

export function resource(name: string): string {
  return `resource.attributes[${text(name)}]`;
}

export function isSet(path: string): string {
  return `${path} != nil`;
}

/** A dollar sign begins a variable in a collector's configuration, also inside of a text. */
export function escaped(statement: string): string {
  return statement.replaceAll('$', '$$$$');
}
