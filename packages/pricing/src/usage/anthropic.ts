/**
 * Anthropic Messages. `input_tokens` leaves out what was read from or written to a cache; the output has thinking inside.
 *
 * `iterations` lists what was sampled: `message` and `fallback_message` are inside the totals, a `compaction` is not, and
 * an `advisor_message` is another model's.
 */
import { addBeside, type Draft } from './draft.ts';
import type { Field, Group } from './level.ts';
import { each, firstName, get } from './read.ts';
import type { Convention } from './settle.ts';
import { field, group, PLAIN, places, reader, type UsageReader } from './shape.ts';

const OUTSIDE: Convention = { cache: 'outside', reasoning: 'inside' };

const COUNTS: readonly Field[] = [
  field('input', 'input_tokens'),
  field('output', 'output_tokens'),
  field('cacheRead', 'cache_read_input_tokens'),
  field('cacheWrite', 'cache_creation_input_tokens'),
];

const WRITES: Group = group(
  ['cache_creation'],
  [field('cacheWrite5m', 'ephemeral_5m_input_tokens'), field('cacheWrite1h', 'ephemeral_1h_input_tokens')],
);

/**
 * A message, `message_start`, a line of a batch's results, or a session's `span.model_request_end`. For a stream, merge
 * its usages first: {@link mergeAnthropicUsage}.
 */
export const anthropicMessages: UsageReader = reader({
  ...OUTSIDE,
  containers: places('', 'message', 'result.message'),
  usage: places('usage', 'model_usage'),
  fields: COUNTS,
  groups: [
    WRITES,
    group(['output_tokens_details'], [field('reasoning', 'thinking_tokens')]),
    group(
      ['server_tool_use'],
      [field('webSearches', 'web_search_requests'), field('webFetches', 'web_fetch_requests')],
    ),
  ],
  context: [
    { key: 'serviceTier', places: places('usage.service_tier') },
    { key: 'speed', places: places('usage.speed', 'model_usage.speed') },
    { key: 'geo', places: places('usage.inference_geo'), rename: new Map([['not_available', undefined]]) },
  ],
  also: (draft, usage) => {
    if (draft.context.serviceTier === 'batch') draft.context.batch = true;
    readIterations(draft, usage);
  },
});

const iteration: UsageReader = reader({
  ...OUTSIDE,
  containers: PLAIN,
  usage: PLAIN,
  fields: COUNTS,
  groups: [WRITES],
});

function readIterations(draft: Draft, usage: object): void {
  each(get(usage, 'iterations'), (item) => {
    const type = get(item, 'type');
    if (type === 'compaction') addBeside(draft, undefined, iteration(item));
    else if (type === 'advisor_message') addBeside(draft, firstName(item, MODEL), iteration(item));
  });
}

const MODEL = places('model');

/** What a stream's usages may hold. */
const MERGED: readonly string[] = [
  'input_tokens',
  'output_tokens',
  'cache_read_input_tokens',
  'cache_creation_input_tokens',
  'cache_creation',
  'output_tokens_details',
  'server_tool_use',
  'service_tier',
  'inference_geo',
  'speed',
  'iterations',
];

/**
 * The usage of a stream so far: that of `message_start`, then of each `message_delta`. A delta's numbers are cumulative:
 * what it states (not null) replaces what was known, and nothing is added up.
 */
export function mergeAnthropicUsage(previous: unknown, delta: unknown): Readonly<Record<string, unknown>> {
  const merged: Record<string, unknown> = {};
  for (const key of MERGED) {
    const value = get(delta, key) ?? get(previous, key);
    if (value !== undefined && value !== null) merged[key] = value;
  }
  return merged;
}
