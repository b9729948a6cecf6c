/** How an app that did not ask for the usage of its chat stream gets none of it, and we do. */
import { PROVIDER } from '@tokenmeter/semconv';
import type { Method } from '../../call/facts.ts';
import { bag, list } from '../read.ts';

/**
 * Hosts whose streams carry their usage unasked. To ask would change nothing, or earn a refusal, and the chunk that the
 * app is used to see would be taken for ours.
 */
const COUNTS_UNASKED: ReadonlySet<string> = new Set([
  PROVIDER.groq,
  PROVIDER.mistral,
  PROVIDER.openrouter,
  PROVIDER.perplexity,
  PROVIDER.together,
  PROVIDER.xai,
]);

/**
 * Asks for usage in a chat stream, on a shallow copy, where the app left it open. The stream then ends with a chunk
 * without choices that has the usage, and every other chunk has `usage: null`.
 */
export const askForUsage: NonNullable<Method['askForUsage']> = {
  params(params, { provider }) {
    const body = bag(params);
    if (!body || COUNTS_UNASKED.has(provider)) return undefined;
    const options = bag(body.stream_options);
    if (options?.include_usage !== undefined) return undefined;
    return { ...body, stream_options: { ...options, include_usage: true } };
  },
  restore(event) {
    const chunk = event as { usage?: unknown; choices?: unknown } | null;
    if (chunk?.usage === null) delete chunk.usage;
    return chunk?.usage !== undefined && list(chunk.choices).length === 0;
  },
  undo(body, refusal) {
    if (!/stream_options|include_usage/.test(refusal)) return undefined;
    const { stream_options: options, ...rest } = JSON.parse(body) as { stream_options?: Record<string, unknown> };
    const { include_usage: _, ...kept } = options ?? {};
    return JSON.stringify(Object.keys(kept).length > 0 ? { ...rest, stream_options: kept } : rest);
  },
};
