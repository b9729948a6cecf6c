/**
 * A scope is what the enclosing `with…` calls said. An app enters the same few scopes again and again, so what is worked
 * out for one (its baggage, whole attributions, the scope of a feature) is kept, up to a bound.
 */
import type { Baggage } from '@opentelemetry/api';
import type { Attribution } from '@tokenmeter/ledger';
import { baggageOf } from './baggage.ts';
import { type AttributionConfig, attributionConfig, hasTeam } from './config.ts';
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
    return this.inner(over(this.code, tagsOf(attributes), hasTeam), this.framework);
  }

  /** The same scope where it says nothing new. */
  withFramework(attributes: AttributionInput): Scope {
    const tags = tagsOf(attributes);
    if (Object.keys(tags).every((key) => this.framework[key] === tags[key])) return this;
    return this.inner(this.code, over(this.framework, tags, hasTeam));
  }

  /** This scope, which tells when calls start in it. */
  watched(started: () => void): Scope {
    return new WatchedScope(this, started);
  }

  /** A scope in this one. */
  protected inner(code: Tags, framework: Tags): Scope {
    return new Scope(code, framework);
  }

  /** The baggage of this scope where there is no other; undefined where nothing of it may travel. */
  get baggage(): Baggage | undefined {
    return this.#baggage.of(this.code, () => ({ own: baggageOf(undefined, NO_TAGS, this.code) })).own;
  }

  /** The attribution of calls in this scope whose request has those tags; `resolve` works it out. */
  attribution(route: Tags, resolve: (config: AttributionConfig) => Attribution): Attribution {
    return this.#attributions.of(route, resolve);
  }

  /** The same of a call that is like no other. */
  attributionOnce(resolve: (config: AttributionConfig) => Attribution): Attribution {
    return resolve(attributionConfig());
  }
}

/** A scope that tells when calls start in it, or in a scope in it. */
class WatchedScope extends Scope {
  readonly #started: () => void;

  constructor({ code, framework }: Pick<Scope, 'code' | 'framework'>, started: () => void) {
    super(code, framework);
    this.#started = started;
  }

  override watched(started: () => void): Scope {
    return new WatchedScope(this, () => {
      this.#started();
      started();
    });
  }

  protected override inner(code: Tags, framework: Tags): Scope {
    return new WatchedScope({ code, framework }, this.#started);
  }

  override attribution(route: Tags, resolve: (config: AttributionConfig) => Attribution): Attribution {
    this.#started();
    return super.attribution(route, resolve);
  }

  override attributionOnce(resolve: (config: AttributionConfig) => Attribution): Attribution {
    this.#started();
    return super.attributionOnce(resolve);
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
