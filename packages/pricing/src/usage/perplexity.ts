import { report } from './draft.ts';
import { openaiLike } from './openai.ts';
import { at } from './read.ts';
import { field, places, reader, type UsageReader } from './shape.ts';

/**
 * Perplexity: OpenAI's shape, but reasoning and citation tokens stand outside the totals, searches are billed by the
 * query (deep research) or the request (by context size), and the response states what was billed.
 */
export const perplexityChat: UsageReader = reader(
  openaiLike({
    reasoning: 'outside',
    fields: [
      field('reasoning', 'reasoning_tokens'),
      field('citation', 'citation_tokens'),
      field('webSearches', 'num_search_queries'),
    ],
    context: [{ key: 'searchContextSize', places: places('usage.search_context_size') }],
    also: (draft, usage) => report(draft, at(usage, ['cost', 'total_cost']), 'usage.cost.total_cost'),
  }),
);
