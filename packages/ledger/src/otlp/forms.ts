/**
 * What the attributes of the lines looked like so far. The lines of a ledger resemble each other: the same names in the
 * same order, and mostly the same values. So each form of an attribute (its name and the kind of its value) remembers what
 * followed it and what value it had last, and reading the next line is mostly a matter of finding both again.
 *
 * A form only says where to look first. What is not found there is walked over token by token.
 */
import { type JsonCursor, OTHER_FORM } from './cursor.ts';
import { ALL_ATTRIBUTES, type Reader, type ReaderTable, readRest } from './readers.ts';
import { Run } from './run.ts';

const KEY = Run.ofText('{"key":');
const VALUE = Run.ofText(',"value":{');

/** The kinds of value that the encoder writes. */
export type Kind = 'string' | 'int' | 'double' | 'bool' | 'array';

const KINDS: Readonly<Record<Kind, Run>> = {
  string: Run.ofText('"stringValue":'),
  int: Run.ofText('"intValue":'),
  double: Run.ofText('"doubleValue":'),
  bool: Run.ofText('"boolValue":'),
  array: Run.ofText('"arrayValue":{"values":['),
};

/** A ledger has some forty; files that are made of ever new names must not fill the memory. */
const MOST_FORMS = 1000;

export interface Form {
  readonly name: string;
  readonly kind: Kind;
  /** What its value is for; undefined if nobody wants it. */
  readonly read: Reader | undefined;
  /** The attribute up to its value. */
  readonly head: Run | undefined;
  /** A value that came before: the bytes up to the end of the attribute, and what they mean. */
  tail: Run | undefined;
  value: unknown;
  /** How often another value came. */
  misses: number;
  /** The forms that came after it, the last first. */
  next: Form | undefined;
  other: Form | undefined;
}

export class Forms {
  readonly #table: ReaderTable;
  /** By the hash of the name. */
  readonly #known = new Map<number, Form[]>();
  #count = 0;
  /** Stands before the first attribute. */
  readonly start: Form;

  constructor(table: ReaderTable) {
    this.#table = table;
    this.start = formOf('', 'string', undefined, undefined);
  }

  /** Walks over the attribute that comes after one of form `before`, up to its value. */
  after(before: Form, json: JsonCursor): Form {
    const { next, other } = before;
    if (next?.head !== undefined && json.matches(next.head)) return next;
    if (other?.head !== undefined && json.matches(other.head)) return other;
    const form = this.#walk(json);
    before.other = next;
    before.next = form;
    return form;
  }

  #walk(json: JsonCursor): Form {
    const from = json.at;
    json.expect(KEY);
    json.string();
    const name = json.text();
    const { hash } = json;
    json.expect(VALUE);
    const kind = kindOf(json);
    const candidates = this.#known.get(hash) ?? [];
    const known = candidates.find((form) => form.name === name && form.kind === kind);
    if (known) return known;
    const form = formOf(name, kind, this.#readerOf(name), json.runFrom(from));
    if (this.#count < MOST_FORMS) {
      this.#known.set(hash, [...candidates, form]);
      this.#count += 1;
    }
    return form;
  }

  #readerOf(name: string): Reader | undefined {
    const reader = this.#table.get(name);
    if (reader || this.#table !== ALL_ATTRIBUTES) return reader;
    return (draft, value) => readRest(draft, name, value);
  }
}

function formOf(name: string, kind: Kind, read: Reader | undefined, head: Run | undefined): Form {
  return { name, kind, read, head, tail: undefined, value: undefined, misses: 0, next: undefined, other: undefined };
}

/**
 * Takes note of a value that was walked over since `from`: the first, the second, the fourth, the eighth … A value that is
 * new in every call is soon left alone, and one that changes with a deployment is followed.
 */
export function remember(form: Form, value: unknown, json: JsonCursor, from: number): void {
  form.misses += 1;
  if ((form.misses & (form.misses - 1)) !== 0) return;
  form.tail = json.runFrom(from);
  form.value = value;
}

function kindOf(json: JsonCursor): Kind {
  for (const [kind, run] of Object.entries(KINDS)) if (json.matches(run)) return kind as Kind;
  throw OTHER_FORM;
}
