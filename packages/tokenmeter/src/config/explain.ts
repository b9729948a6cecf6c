/** What the validator found, in the words of a person who wrote the file. */
import type { ErrorObject } from 'ajv';
import type { ConfigDocument, Path, Problem } from './document.ts';

/** The errors that say something: not those of a branch whose parent says it better. */
export function explain(errors: readonly ErrorObject[], document: ConfigDocument): Problem[] {
  const whole = new Set(errors.filter(({ keyword }) => keyword === 'anyOf').map(({ instancePath }) => instancePath));
  return errors
    .filter(({ keyword }) => keyword !== 'if' && keyword !== 'not')
    .filter(({ keyword, instancePath }) => keyword === 'anyOf' || !whole.has(instancePath))
    .filter((error) => error.propertyName === undefined)
    .map((error) => problem(error, document));
}

/** What stands under `alerts` is never shown: it may be a secret. */
function problem(error: ErrorObject, document: ConfigDocument): Problem {
  const path = pathOf(error.instancePath);
  const { keyword, params } = error;
  switch (keyword) {
    case 'additionalProperties': {
      const key = String(params.additionalProperty);
      return { line: document.lineOfKey(path, key), message: unknownKey([...path, key], error) };
    }
    case 'propertyNames': {
      const key = String(params.propertyName);
      const names = (error.parentSchema as SchemaNode | undefined)?.propertyNames;
      return {
        line: document.lineOfKey(path, key),
        message: `${dotted([...path, key])}: the key must be ${names?.description}`,
      };
    }
    case 'required':
      return { line: document.lineOf(path), message: `${dotted(path)}: "${params.missingProperty}" is missing` };
    default:
      return {
        line: document.lineOf(path),
        message: `${dotted(path)}: must be ${wanted(error)}${path[0] === 'alerts' ? '' : `, not ${shown(error.data)}`}`,
      };
  }
}

interface SchemaNode {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly propertyNames?: SchemaNode;
}

function unknownKey(path: Path, { parentSchema }: ErrorObject): string {
  const allowed = Object.keys((parentSchema as SchemaNode | undefined)?.properties ?? {});
  return `${dotted(path)}: unknown key. Allowed here: ${allowed.join(', ')}`;
}

function wanted({ keyword, parentSchema, params }: ErrorObject): string {
  if (keyword === 'enum') return `one of ${(params.allowedValues as unknown[]).join(', ')}`;
  return (parentSchema as SchemaNode | undefined)?.description ?? keyword;
}

function shown(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  return JSON.stringify(value);
}

function pathOf(pointer: string): (string | number)[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

/** `features.rag-search.team`, `prices.overrides[0]`, `routes["/search"]`. */
export function dotted(path: Path): string {
  if (path.length === 0) return 'the file';
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      if (!/^[\w-]+$/.test(part)) return `[${JSON.stringify(part)}]`;
      return index === 0 ? part : `.${part}`;
    })
    .join('');
}
