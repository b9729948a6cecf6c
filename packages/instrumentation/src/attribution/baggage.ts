/**
 * Attribution between services: allow-listed tags as W3C baggage entries `tokenmeter.<key>`. The app's own propagator
 * writes them into requests and reads them back; without one nothing travels.
 */
import { type Context, propagation } from '@opentelemetry/api';
import { BAGGAGE_PREFIX } from '@tokenmeter/semconv';
import { attributionConfig } from './config.ts';
import { NO_TAGS, type Tags, tagsOf } from './tags.ts';

/** The tags that the baggage of this context carries, allow-listed keys only. */
export function baggageTags(context: Context): Tags {
  const baggage = propagation.getBaggage(context);
  if (!baggage) return NO_TAGS;
  const input: Record<string, string | undefined> = {};
  for (const key of attributionConfig().baggageKeys) input[key] = baggage.getEntry(BAGGAGE_PREFIX + key)?.value;
  return tagsOf(input);
}

/**
 * The context with the allow-listed ones of `next` in its baggage. Entries that `previous`, the enclosing attribution,
 * put there and `next` no longer has are taken out; all others, the app's own among them, stay.
 */
export function withBaggage(context: Context, previous: Tags, next: Tags): Context {
  const before = propagation.getBaggage(context) ?? propagation.createBaggage();
  let after = before;
  for (const key of attributionConfig().baggageKeys) {
    const value = next[key];
    if (value !== undefined) after = after.setEntry(BAGGAGE_PREFIX + key, { value });
    else if (previous[key] !== undefined) after = after.removeEntry(BAGGAGE_PREFIX + key);
  }
  return after === before ? context : propagation.setBaggage(context, after);
}

/** The context in which a provider call runs: nothing of ours or of the app's reaches an LLM provider as baggage. */
export function withoutBaggage(context: Context): Context {
  return propagation.getBaggage(context) ? propagation.deleteBaggage(context) : context;
}
