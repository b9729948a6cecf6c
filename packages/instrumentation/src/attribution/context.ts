/**
 * The context of attribution: who the calls of a piece of code are for. It needs no OpenTelemetry SDK; where there is one,
 * code that carries an OTel context across a queue carries the scope along.
 */
import { type Context, context } from '@opentelemetry/api';
import { Carrier } from '../carrier.ts';
import { withBaggageOf } from './baggage.ts';
import { bindGenerator } from './generators.ts';
import { type CallWatcher, featureScope, NO_SCOPE, type Scope } from './scope.ts';
import type { AttributionInput } from './tags.ts';

const scopes = new Carrier<Scope>('attribution');

/** The scope that the running code is in. */
export function currentScope(active: Context): Scope {
  return scopes.current(active) ?? NO_SCOPE;
}

/**
 * Runs `fn` and returns what it returns. LLM calls started in it, directly or after any number of awaits, timers and
 * events, belong to these attributes; those of enclosing calls fill in the keys that are not given here.
 *
 * A generator that `fn` returns runs in the context, too. Values that are no non-empty strings are ignored (one warning).
 * Allow-listed keys go into the active OTel baggage.
 */
export function withAttribution<T>(attributes: AttributionInput, fn: () => T): T {
  const active = context.active();
  const outer = currentScope(active);
  return run(active, outer.with(attributes), outer, fn);
}

/** `withAttribution({ feature: name }, fn)`. */
export function withFeature<T>(name: string, fn: () => T): T {
  const active = context.active();
  const outer = currentScope(active);
  return run(active, featureScope(outer, name), outer, fn);
}

/** Names the request that a budget per request is about: all calls in `fn` count towards it. */
export function withRequest<T>(id: string, fn: () => T): T {
  return withAttribution({ request: id }, fn);
}

/**
 * For frameworks: what their metadata says about the calls in `fn`. It yields to what the app's code says.
 *
 * `watcher` is told whenever the attribution of a call is worked out in `fn`, i.e. when a call starts. A framework that may
 * have an instrumented SDK underneath learns so that it has one. An enclosing watcher is told as well.
 */
export function withFrameworkAttribution<T>(
  attributes: AttributionInput | undefined,
  fn: () => T,
  watcher?: CallWatcher,
): T {
  const active = context.active();
  const outer = currentScope(active);
  const said = attributes ? outer.withFramework(attributes) : outer;
  const scope = watcher ? said.watched(watcher) : said;
  return scope === outer ? fn() : run(active, scope, outer, fn);
}

function run<T>(active: Context, scope: Scope, outer: Scope, fn: () => T): T {
  const enter = <R>(below: Context, body: () => R): R => scopes.run(withBaggageOf(scope, outer, below), scope, body);
  // A generator's body runs later, in what is active then.
  return bindGenerator(enter(active, fn), (body) => enter(context.active(), body));
}
