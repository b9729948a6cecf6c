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

/** Is told when calls start. */
export interface CallWatcher {
  callStarted(): void;
}

export interface Scope {
  /** What the code said, and what frameworks said: two sources of different rank, so they are kept apart. */
  readonly code: Tags;
  readonly framework: Tags;
  /** The baggage of this scope where there is no other; undefined where nothing of it may travel. */
  readonly baggage: Baggage | undefined;
  with(attributes: AttributionInput): Scope;
  /** The same scope where it says nothing new. */
  withFramework(attributes: AttributionInput): Scope;
  /** This scope, which tells when calls start in it, or in a scope in it. */
  watched(watcher: CallWatcher): Scope;
  /** The attribution of calls in this scope whose request has those tags; `resolve` works it out. */
  attribution(route: Tags, resolve: (config: AttributionConfig) => Attribution): Attribution;
  /** The same of a call that is like no other. */
  attributionOnce(resolve: (config: AttributionConfig) => Attribution): Attribution;
}

class PlainScope implements Scope {
  readonly code: Tags;
  readonly framework: Tags;
  /** They differ by route. */
  readonly #attributions = new Memo<Tags, Attribution>(50);
  readonly #baggage = new Memo<Tags, { readonly own: Baggage | undefined }>(1);

  constructor(code: Tags, framework: Tags) {
    this.code = code;
    this.framework = framework;
  }

  get baggage(): Baggage | undefined {
    return this.#baggage.of(this.code, () => ({ own: baggageOf(undefined, NO_TAGS, this.code) })).own;
  }

  with(attributes: AttributionInput): Scope {
    return new PlainScope(over(this.code, tagsOf(attributes), hasTeam), this.framework);
  }

  withFramework(attributes: AttributionInput): Scope {
    const tags = tagsOf(attributes);
    if (Object.keys(tags).every((key) => this.framework[key] === tags[key])) return this;
    return new PlainScope(this.code, over(this.framework, tags, hasTeam));
  }

  watched(watcher: CallWatcher): Scope {
    return new WatchedScope(this, watcher);
  }

  attribution(route: Tags, resolve: (config: AttributionConfig) => Attribution): Attribution {
    return this.#attributions.of(route, resolve);
  }

  attributionOnce(resolve: (config: AttributionConfig) => Attribution): Attribution {
    return resolve(attributionConfig());
  }
}

/** Another scope, and somebody who is told. There is one for each run of a model: what is worked out stays with the other. */
class WatchedScope implements Scope {
  readonly #scope: Scope;
  readonly #watcher: CallWatcher;

  constructor(scope: Scope, watcher: CallWatcher) {
    this.#scope = scope;
    this.#watcher = watcher;
  }

  get code(): Tags {
    return this.#scope.code;
  }

  get framework(): Tags {
    return this.#scope.framework;
  }

  get baggage(): Baggage | undefined {
    return this.#scope.baggage;
  }

  with(attributes: AttributionInput): Scope {
    return new WatchedScope(this.#scope.with(attributes), this.#watcher);
  }

  withFramework(attributes: AttributionInput): Scope {
    const scope = this.#scope.withFramework(attributes);
    return scope === this.#scope ? this : new WatchedScope(scope, this.#watcher);
  }

  watched(watcher: CallWatcher): Scope {
    return new WatchedScope(this, watcher);
  }

  attribution(route: Tags, resolve: (config: AttributionConfig) => Attribution): Attribution {
    this.#watcher.callStarted();
    return this.#scope.attribution(route, resolve);
  }

  attributionOnce(resolve: (config: AttributionConfig) => Attribution): Attribution {
    this.#watcher.callStarted();
    return this.#scope.attributionOnce(resolve);
  }
}

/** Outside of all `with…` calls. */
export const NO_SCOPE: Scope = new PlainScope(NO_TAGS, NO_TAGS);

const features = new Memo<string, Scope>(1_000);

/**
 * `outer.with({ feature: name })`, by far the most frequent. Kept for the outermost scope only: a tree of them would have
 * no bound.
 */
export function featureScope(outer: Scope, name: string): Scope {
  const usual = outer === NO_SCOPE && typeof name === 'string' && name.length <= MAX_VALUE_LENGTH;
  return usual ? features.of(name, () => outer.with({ feature: name })) : outer.with({ feature: name });
}
