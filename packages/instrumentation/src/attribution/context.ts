/**
 * The context of attribution: who the calls of a piece of code are for.
 *
 * A scope is what the enclosing `with…` calls said. It travels in an AsyncLocalStorage of our own, so that it needs no
 * OpenTelemetry SDK, and in the OTel context as well, so that code which carries an OTel context across a queue carries
 * the scope along. Where the two differ, the OTel context is the one that somebody chose: it wins.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { context, createContextKey } from '@opentelemetry/api';
import { shared } from '../state.ts';
import { withBaggage } from './baggage.ts';
import { hasTeam } from './config.ts';
import { bindGenerator } from './generators.ts';
import { type AttributionInput, NO_TAGS, over, type Tags, tagsOf } from './tags.ts';

/** What the code said, and what frameworks said: two sources of different rank, so they are kept apart. */
export interface Scope {
  readonly code: Tags;
  readonly framework: Tags;
}

const EMPTY: Scope = Object.freeze({ code: NO_TAGS, framework: NO_TAGS });
const storage = shared('attribution.storage', () => new AsyncLocalStorage<Scope>());
const CONTEXT_KEY = shared('attribution.contextKey', () => createContextKey('tokenmeter.attribution'));

/** The scope that the running code is in. */
export function currentScope(): Scope {
  return (context.active().getValue(CONTEXT_KEY) as Scope | undefined) ?? storage.getStore() ?? EMPTY;
}

/**
 * Runs `fn` and returns what it returns. LLM calls started in it, directly or after any number of awaits, timers and
 * events, belong to these attributes; those of enclosing calls fill in the keys that are not given here.
 *
 * A generator that `fn` returns runs in the context, too. Values that are no non-empty strings are ignored (one warning).
 * Allow-listed keys go into the active OTel baggage.
 */
export function withAttribution<T>(attributes: AttributionInput, fn: () => T): T {
  const outer = currentScope();
  return run({ ...outer, code: over(outer.code, tagsOf(attributes), hasTeam) }, outer, fn);
}

/** `withAttribution({ feature: name }, fn)`. */
export function withFeature<T>(name: string, fn: () => T): T {
  return withAttribution({ feature: name }, fn);
}

/** Names the request that a budget per request is about: all calls in `fn` count towards it. */
export function withRequest<T>(id: string, fn: () => T): T {
  return withAttribution({ request: id }, fn);
}

/** For frameworks: what their metadata says about the calls in `fn`. It yields to what the app's code says. */
export function withFrameworkAttribution<T>(attributes: AttributionInput, fn: () => T): T {
  const outer = currentScope();
  return run({ ...outer, framework: over(outer.framework, tagsOf(attributes), hasTeam) }, outer, fn);
}

function run<T>(scope: Scope, outer: Scope, fn: () => T): T {
  const enter = <R>(body: () => R): R => {
    const active = context.active().setValue(CONTEXT_KEY, scope);
    return storage.run(scope, () => context.with(withBaggage(active, outer.code, scope.code), body));
  };
  return bindGenerator(enter(fn), enter);
}
