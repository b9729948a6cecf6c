/**
 * A layer over an OpenTelemetry context: one value that is looked up before those below. An ordinary context copies all its
 * values into a map of its own whenever one is set, and a call sets several; a layer is one small object. That matters, since
 * every promise that a call makes keeps its context, and SDKs keep promises for longer than calls.
 *
 * It turns into an ordinary context as soon as somebody adds to it, and layers do not pile up: code that starts its own
 * successor (a timer in a timer) would else keep every context that ever was.
 */
import { type Context, ROOT_CONTEXT } from '@opentelemetry/api';

const MAX_DEPTH = 24;

class ContextLayer implements Context {
  readonly depth: number;
  readonly #below: Context;
  readonly #key: symbol;
  readonly #value: unknown;

  constructor(below: Context, key: symbol, value: unknown) {
    const depth = below instanceof ContextLayer ? below.depth + 1 : 1;
    this.depth = depth > MAX_DEPTH ? 1 : depth;
    this.#below = depth > MAX_DEPTH ? (below as ContextLayer).flat() : below;
    this.#key = key;
    this.#value = value;
  }

  getValue(key: symbol): unknown {
    let at: Context = this;
    while (at instanceof ContextLayer) {
      if (at.#key === key) return at.#value;
      at = at.#below;
    }
    return at.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return this.flat().setValue(key, value);
  }

  deleteValue(key: symbol): Context {
    return this.flat().deleteValue(key);
  }

  /** The same values as an ordinary context. */
  flat(): Context {
    const below = this.#below instanceof ContextLayer ? this.#below.flat() : this.#below;
    return this.#value === undefined ? below.deleteValue(this.#key) : below.setValue(this.#key, this.#value);
  }
}

/** The context with this value over its own; undefined hides what is below. */
export function layer(below: Context, key: symbol, value: unknown): Context {
  return new ContextLayer(below, key, value);
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
