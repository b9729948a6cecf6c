import { type Draft, report } from './draft.ts';
import { openaiLike } from './openai.ts';
import { at, get, quantity } from './read.ts';
import { field, group, reader, type UsageReader } from './shape.ts';

/**
 * `usage.cost` is what OpenRouter charged, in USD. With the caller's own key it is OpenRouter's fee alone, and the bill
 * is that plus what the upstream provider charged; without the latter the bill is not known.
 */
function readBill(draft: Draft, usage: object): void {
  const cost = get(usage, 'cost');
  const ownKey = (get(usage, 'is_byok') ?? get(usage, 'isByok')) === true;
  if (ownKey) {
    const fee = quantity(cost);
    const upstream = quantity(
      at(usage, ['cost_details', 'upstream_inference_cost']) ?? at(usage, ['costDetails', 'upstreamInferenceCost']),
    );
    if (fee === undefined || upstream === undefined) return;
    report(draft, fee + upstream, 'usage.cost+usage.cost_details.upstream_inference_cost');
  } else {
    report(draft, cost, 'usage.cost');
  }
}

/** OpenRouter, chat and responses: OpenAI's shape with the bill. */
export const openrouterUsage: UsageReader = reader(
  openaiLike({
    groups: [group(['server_tool_use_details', 'server_tool_use'], [field('webSearches', 'web_search_requests')])],
    also: readBill,
  }),
);
