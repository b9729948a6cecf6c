/**
 * Attribution between services: allow-listed tags as W3C baggage entries `tokenmeter.<key>`. The app's own propagator
 * writes them into requests and reads them back; without one nothing travels.
 */
import { type Baggage, type Context, propagation } from '@opentelemetry/api';
import { BAGGAGE_PREFIX } from '@tokenmeter/semconv';
import { keySetBy, layer } from '../context-layer.ts';
import { attributionConfig } from './config.ts';
import type { Scope } from './scope.ts';
import { NO_TAGS, type Tags, tagsOf } from './tags.ts';

const BAGGAGE = keySetBy((ear) => propagation.setBaggage(ear, propagation.createBaggage()));

/** The context without its baggage: nothing of ours or of the app's reaches an LLM provider. */
export function withoutBaggage(context: Context): Context {
  return context.getValue(BAGGAGE) === undefined ? context : layer(context, BAGGAGE, undefined);
}

/** The tags that came with the request: the allow-listed ones in this context's baggage, unless `scope` put it there. */
export function baggageTags(context: Context, scope: Scope): Tags {
  const baggage = propagation.getBaggage(context);
  if (!baggage || baggage === scope.baggage) return NO_TAGS;
  const input: Record<string, string | undefined> = {};
  for (const key of attributionConfig().baggageKeys) input[key] = baggage.getEntry(BAGGAGE_PREFIX + key)?.value;
  return tagsOf(input);
}

/** The context with a baggage that carries `scope`, which is entered from `outer`. */
export function withBaggageOf(scope: Scope, outer: Scope, context: Context): Context {
  const before = propagation.getBaggage(context);
  const only = before === undefined || before === outer.baggage;
  const after = only ? scope.baggage : baggageOf(before, outer.code, scope.code);
  return after === before ? context : layer(context, BAGGAGE, after);
}

/**
 * `before` with the allow-listed ones of `next`. Entries that `previous`, the enclosing attribution, put there and `next`
 * no longer has are taken out; all others, the app's own among them, stay.
 */
export function baggageOf(before: Baggage | undefined, previous: Tags, next: Tags): Baggage | undefined {
  let after = before;
  for (const key of attributionConfig().baggageKeys) {
    const value = next[key];
    if (value !== undefined) after = (after ?? propagation.createBaggage()).setEntry(BAGGAGE_PREFIX + key, { value });
    else if (previous[key] !== undefined) after = after?.removeEntry(BAGGAGE_PREFIX + key);
  }
  return after;
}
