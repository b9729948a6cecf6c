/**
 * A layer over an OpenTelemetry context: a few values that are looked up before those below. An ordinary context copies
 * all its values into a map of its own whenever one is set, and a call sets several; a layer is one small object.
 *
 * It turns into an ordinary context as soon as somebody adds to it, and layers do not pile up: code that starts its own
 * successor (a timer in a timer) would else keep every context that ever was.
 */
import { type Context, ROOT_CONTEXT } from '@opentelemetry/api';

/** A key and its value; undefined hides what is below. */
export type Entry = readonly [key: symbol, value: unknown];

const MAX_DEPTH = 8;

class ContextLayer implements Context {
  readonly depth: number;
  readonly #below: Context;
  readonly #entries: readonly (Entry | undefined)[];

  constructor(below: Context, entries: readonly (Entry | undefined)[]) {
    const depth = below instanceof ContextLayer ? below.depth + 1 : 1;
    this.depth = depth > MAX_DEPTH ? 1 : depth;
    this.#below = depth > MAX_DEPTH ? (below as ContextLayer).flat() : below;
    this.#entries = entries;
  }

  getValue(key: symbol): unknown {
    for (const entry of this.#entries) if (entry?.[0] === key) return entry[1];
    return this.#below.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return this.flat().setValue(key, value);
  }

  deleteValue(key: symbol): Context {
    return this.flat().deleteValue(key);
  }

  /** The same values as an ordinary context. */
  flat(): Context {
    let flat = this.#below instanceof ContextLayer ? this.#below.flat() : this.#below;
    for (const entry of this.#entries) {
      if (!entry) continue;
      const [key, value] = entry;
      flat = value === undefined ? flat.deleteValue(key) : flat.setValue(key, value);
    }
    return flat;
  }
}

/** The context with these values over its own. */
export function layer(below: Context, entries: readonly (Entry | undefined)[]): Context {
  return new ContextLayer(below, entries);
}

/** The key under which the API keeps something, learnt from the function of the API that sets it. */
export function keySetBy(set: (context: Context) => void): symbol {
  let found: symbol | undefined;
  const ear: Context = {
    getValue: () => undefined,
    setValue(key) {
      found = key;
      return ROOT_CONTEXT;
    },
    deleteValue: () => ROOT_CONTEXT,
  };
  set(ear);
  if (found === undefined) throw new Error('the API set nothing');
  return found;
}
