/** OpenAI's two ways to state usage, of the same consumption. */
import type { Consumption } from '../core/consumption.ts';
import type { ApiRequest } from '../core/exchange.ts';
import { text } from '../core/json.ts';

/** Of chat completions. */
export function completionUsage(consumed: Consumption): object {
  const { input, output, cacheRead, cacheWrite, reasoning } = consumed;
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: {
      cached_tokens: cacheRead,
      cache_write_tokens: cacheWrite,
      audio_tokens: 0,
      text_tokens: input,
      image_tokens: 0,
    },
    completion_tokens_details: {
      reasoning_tokens: reasoning,
      audio_tokens: 0,
      text_tokens: output,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

/** Of responses. */
export function responseUsage(consumed: Consumption): object {
  const { input, output, cacheRead, cacheWrite, reasoning } = consumed;
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cacheRead, cache_write_tokens: cacheWrite },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + output,
  };
}

/** The tier that serves, for a tier that was asked for: `fast` is reported as `priority`. */
const SERVED_TIERS: Readonly<Record<string, string>> = { flex: 'flex', priority: 'priority', fast: 'priority' };

/** The tier as the answer states it. */
export function servedTier({ plan, body }: ApiRequest): string {
  return plan.serviceTier ?? SERVED_TIERS[text(body.service_tier) ?? ''] ?? 'default';
}
