/** Perplexity: OpenAI's shape; every response states what it was billed, tokens and searches. */
import { type Draft, report } from './draft.ts';
import { openaiLike } from './openai.ts';
import { get } from './read.ts';
import { field, places, reader, type UsageReader } from './shape.ts';

function readBill(draft: Draft, usage: object): void {
  const cost = get(usage, 'cost');
  if ((get(cost, 'currency') ?? 'USD') === 'USD') report(draft, get(cost, 'total_cost'), 'usage.cost.total_cost');
}

/**
 * Chat: reasoning and citation tokens stand outside the totals; searches are billed by the query (deep research) or by
 * the request and its context size.
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
    also: readBill,
  }),
);

/** Responses: reasoning is inside. */
export const perplexityResponses: UsageReader = reader(openaiLike({ also: readBill }));
