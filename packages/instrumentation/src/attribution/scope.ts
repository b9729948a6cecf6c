/**
 * A scope is what the enclosing `with…` calls said. An app enters the same few scopes again and again, so what is worked
 * out for one (its baggage, whole attributions, the scope of a feature) is kept, up to a bound.
 */
import type { Baggage } from '@opentelemetry/api';
import type { Attribution } from '@tokenmeter/ledger';
import { baggageOf } from './baggage.ts';
import { type AttributionConfig, hasTeam } from './config.ts';
import { Memo } from './memo.ts';
import { type AttributionInput, MAX_VALUE_LENGTH, NO_TAGS, over, type Tags, tagsOf } from './tags.ts';

export class Scope {
  /** What the code said, and what frameworks said: two sources of different rank, so they are kept apart. */
  readonly code: Tags;
  readonly framework: Tags;
  /** They differ by route. */
  readonly #attributions = new Memo<Tags, Attribution>(50);
  readonly #baggage = new Memo<Tags, { readonly own: Baggage | undefined }>(1);

  constructor(code: Tags, framework: Tags) {
    this.code = code;
    this.framework = framework;
  }

  with(attributes: AttributionInput): Scope {
    return new Scope(over(this.code, tagsOf(attributes), hasTeam), this.framework);
  }

  withFramework(attributes: AttributionInput): Scope {
    return new Scope(this.code, over(this.framework, tagsOf(attributes), hasTeam));
  }

  /** The baggage of this scope where there is no other; undefined where nothing of it may travel. */
  get baggage(): Baggage | undefined {
    return this.#baggage.of(this.code, () => ({ own: baggageOf(undefined, NO_TAGS, this.code) })).own;
  }

  /** The attribution of calls in this scope whose request has those tags; `resolve` works it out. */
  attribution(route: Tags, resolve: (config: AttributionConfig) => Attribution): Attribution {
    return this.#attributions.of(route, resolve);
  }
}

/** Outside of all `with…` calls. */
export const NO_SCOPE: Scope = new Scope(NO_TAGS, NO_TAGS);

const features = new Memo<string, Scope>(1_000);

/**
 * `outer.with({ feature: name })`, by far the most frequent. Kept for the outermost scope only: a tree of them would have
 * no bound.
 */
export function featureScope(outer: Scope, name: string): Scope {
  const usual = outer === NO_SCOPE && typeof name === 'string' && name.length <= MAX_VALUE_LENGTH;
  return usual ? features.of(name, () => outer.with({ feature: name })) : outer.with({ feature: name });
}
