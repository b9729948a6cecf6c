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

/** A value of the group that runs: of this span alone, unless the group shares its cache. */
export function cache(name: string): string {
  return `span.cache[${text(name)}]`;
}

export function isSet(path: string): string {
  return `${path} != nil`;
}

/** The first of them that is there. */
export function firstOf(values: readonly string[]): string {
  return values.length === 1 ? (values[0] as string) : `Coalesce([${values.join(', ')}])`;
}

export function set(target: string, value: string, where?: string): string {
  return `set(${target}, ${value})${where === undefined ? '' : ` where ${where}`}`;
}

/** Sets what is missing; a target whose sources are all missing stays so. */
export function fill(target: string, sources: readonly string[]): string {
  return set(target, firstOf(sources), `${target} == nil and ${isSet(firstOf(sources))}`);
}

export function isOneOf(path: string, values: readonly string[]): string {
  return `(${values.map((value) => `${path} == ${text(value)}`).join(' or ')})`;
}

/** A dollar sign begins a variable in a collector's configuration, also inside of a text. */
export function escaped(statement: string): string {
  return statement.replaceAll('$', '$$$$');
}

/**
 * Statements of one context that run one after the other on each span for which one of the conditions holds. What few spans
 * need has a group of its own: others then pay for one condition, not for each statement.
 */
export interface StatementGroup {
  readonly conditions?: readonly string[];
  readonly shared_cache?: boolean;
  readonly statements: readonly string[];
}
