/** A value that satisfies a simple JSON Schema: what a model with structured output, or a tool call, would answer. */
import { isRecord, type Json, list, number, record, text } from './json.ts';
import { between, type Random } from './random.ts';

/**
 * Understands `type`, `enum`, `const`, `properties`, `items`, `minItems`, `minimum`, `maximum`, `anyOf`, `oneOf`,
 * `allOf` (first branch) and `$ref` into the schema itself. What it doesn't understand becomes a text.
 */
export function sample(schema: unknown, random: Random, root: unknown = schema, depth = 0): unknown {
  if (!isRecord(schema) || depth > 8) return 'sample';
  if ('const' in schema) return schema.const;
  const first = list(schema.enum)[0];
  if (first !== undefined) return first;
  const reference = text(schema.$ref);
  if (reference !== undefined) return sample(resolve(root, reference), random, root, depth + 1);
  for (const combination of ['anyOf', 'oneOf', 'allOf']) {
    const branch = list(schema[combination])[0];
    if (branch !== undefined) return sample(branch, random, root, depth + 1);
  }
  return ofType(schema, random, root, depth);
}

function ofType(schema: Json, random: Random, root: unknown, depth: number): unknown {
  const type = String(list(schema.type)[0] ?? schema.type ?? (schema.properties ? 'object' : 'string')).toLowerCase();
  const low = number(schema.minimum) ?? 0;
  switch (type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(record(schema.properties)).map(([key, value]) => [key, sample(value, random, root, depth + 1)]),
      );
    case 'array':
      return Array.from({ length: Math.max(1, number(schema.minItems) ?? 1) }, () =>
        sample(schema.items, random, root, depth + 1),
      );
    case 'integer':
    case 'number':
      return between(random, low, Math.max(low, number(schema.maximum) ?? low + 9));
    case 'boolean':
      return random() < 0.5;
    case 'null':
      return null;
    default:
      return 'sample';
  }
}

function resolve(root: unknown, reference: string): unknown {
  return reference
    .replace(/^#\/?/, '')
    .split('/')
    .filter((part) => part !== '')
    .reduce<unknown>((value, part) => record(value)[part], root);
}
