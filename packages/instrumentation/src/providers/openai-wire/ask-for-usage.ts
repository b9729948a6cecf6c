/** How an app that did not ask for the usage of its chat stream gets none of it, and we do. */
import { PROVIDER } from '@tokenmeter/semconv';
import type { Method } from '../../call/facts.ts';
import { bag, dataOf, list } from '../read.ts';

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

const WISH = '"stream_options":{"include_usage":true}';

/**
 * Asks for usage in a chat stream, where the app left it open: in the body as it is sent, because an SDK may know the
 * app's parameters by their identity. The stream then ends with a chunk without choices that has the usage, and every other
 * chunk has `usage: null`.
 */
export const askForUsage: NonNullable<Method['askForUsage']> = {
  isOpen(params, { provider }) {
    const body = dataOf(params);
    return body !== undefined && !COUNTS_UNASKED.has(provider) && isOpen(body);
  },
  ask(body) {
    const end = body.lastIndexOf('}');
    // A long prompt is not parsed for this.
    if (end > 0 && !body.includes('"stream_options"')) return `${body.slice(0, end)},${WISH}${body.slice(end)}`;
    const parsed = JSON.parse(body) as Record<string, unknown>;
    if (!isOpen(parsed)) return undefined;
    return JSON.stringify({ ...parsed, stream_options: { ...bag(parsed.stream_options), include_usage: true } });
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

function isOpen(body: Readonly<Record<string, unknown>>): boolean {
  return dataOf(body.stream_options)?.include_usage === undefined;
}
