/**
 * Google: the Gemini API and Vertex AI. Prompt totals contain cached tokens; the prompt of tool use and the thoughts
 * stand outside `promptTokenCount` and `candidatesTokenCount`. Zeros are left out of the JSON.
 */
import { amountOf, type Draft, type Meter, meterAt } from './draft.ts';
import { openaiLike } from './openai.ts';
import { at, each, get, quantity } from './read.ts';
import type { Convention } from './settle.ts';
import {
  addend,
  byKind,
  type ContextField,
  field,
  firstOf,
  type MetersByKind,
  PLAIN,
  places,
  reader,
  type Tally,
  type UsageReader,
} from './shape.ts';

const INPUT = meterAt('input');
const OUTPUT = meterAt('output');

const THOUGHTS_OUTSIDE: Convention = { cache: 'inside', reasoning: 'outside' };

/** Modalities in both of Google's spellings; pages of documents are billed as images, text is the rest. */
function modalities(audio: Meter, image: Meter, video: Meter): MetersByKind {
  const meters = { AUDIO: audio, IMAGE: image, DOCUMENT: image, VIDEO: video };
  const lower = Object.entries(meters).map(([kind, meter]) => [kind.toLowerCase(), meter] as const);
  return byKind({ ...meters, ...Object.fromEntries(lower) });
}

const INPUT_KINDS = modalities('audioInput', 'imageInput', 'videoInput');
const CACHED_KINDS = modalities('audioCacheRead', 'imageCacheRead', 'videoCacheRead');
const OUTPUT_KINDS = modalities('audioOutput', 'imageOutput', 'videoOutput');

function byModality(
  count: string,
  lists: readonly (readonly [list: string, meters: Tally['meters']])[],
): readonly Tally[] {
  return lists.map(([list, meters]) => ({ list: places(list), meters, kind: ['modality'], count: [count] }));
}

/** Vertex says how a call was served in `trafficType`, the Gemini API in `serviceTier` or a header; the words are made one. */
const SERVICE_TIER: ContextField = {
  key: 'serviceTier',
  places: [
    ...places('usageMetadata.serviceTier', 'usageMetadata.trafficType'),
    ['sdkHttpResponse', 'headers', 'x-gemini-service-tier'],
  ],
  rename: new Map([
    ['ON_DEMAND', 'standard'],
    ['ON_DEMAND_PRIORITY', 'priority'],
    ['ON_DEMAND_FLEX', 'flex'],
    ['ON_DEMAND_OFFPEAK', 'offpeak'],
    ['PROVISIONED_THROUGHPUT', 'provisioned_throughput'],
    ['TRAFFIC_TYPE_UNSPECIFIED', undefined],
  ]),
};

/**
 * `generateContent`, the last chunk of its stream (each chunk's usage replaces the one before), an inlined batch
 * response, a Live server message, and embeddings of the Gemini API.
 */
export const googleGenerateContent: UsageReader = reader({
  ...THOUGHTS_OUTSIDE,
  containers: places('', 'response'),
  usage: places('usageMetadata'),
  fields: [
    field('input', 'promptTokenCount'),
    addend('input', 'toolUsePromptTokenCount'),
    field('output', 'candidatesTokenCount', 'responseTokenCount'),
    field('reasoning', 'thoughtsTokenCount'),
    field('cacheRead', 'cachedContentTokenCount'),
  ],
  tallies: byModality('tokenCount', [
    ['promptTokensDetails', INPUT_KINDS],
    ['toolUsePromptTokensDetails', INPUT_KINDS],
    ['cacheTokensDetails', CACHED_KINDS],
    ['candidatesTokensDetails', OUTPUT_KINDS],
    ['responseTokensDetails', OUTPUT_KINDS],
  ]),
  context: [SERVICE_TIER],
  also: (draft, usage, container) => {
    if (amountOf(draft, OUTPUT) === undefined && amountOf(draft, meterAt('reasoning')) === undefined) {
      outputFromTotal(draft, get(usage, 'totalTokenCount'));
    }
    readGrounding(draft, container);
  },
});

/** What a total counts beyond the input is output. */
function outputFromTotal(draft: Draft, total: unknown): void {
  const all = quantity(total);
  const input = amountOf(draft, INPUT);
  if (all === undefined || input === undefined) return;
  const rest = all - input;
  if (rest >= (amountOf(draft, OUTPUT) ?? 0)) draft.amounts[OUTPUT] = rest;
}

/** Each different query of a response is one search; an empty one is none. */
function readGrounding(draft: Draft, container: object): void {
  let queries: Set<string> | undefined;
  each(get(container, 'candidates'), (candidate) => {
    each(at(candidate, ['groundingMetadata', 'webSearchQueries']), (query) => {
      if (typeof query !== 'string' || query === '') return;
      queries ??= new Set();
      queries.add(query);
    });
  });
  if (queries !== undefined) draft.amounts[meterAt('webSearches')] = queries.size;
}

/** Interactions: the result, or the event `interaction.completed`. */
export const googleInteractions: UsageReader = reader({
  ...THOUGHTS_OUTSIDE,
  containers: places('', 'interaction'),
  usage: places('usage'),
  fields: [
    field('input', 'total_input_tokens'),
    addend('input', 'total_tool_use_tokens'),
    field('output', 'total_output_tokens'),
    field('reasoning', 'total_thought_tokens'),
    field('cacheRead', 'total_cached_tokens'),
  ],
  tallies: [
    ...byModality('tokens', [
      ['input_tokens_by_modality', INPUT_KINDS],
      ['tool_use_tokens_by_modality', INPUT_KINDS],
      ['cached_tokens_by_modality', CACHED_KINDS],
      ['output_tokens_by_modality', OUTPUT_KINDS],
    ]),
    {
      list: places('grounding_tool_count'),
      meters: byKind({ google_search: 'webSearches' }),
      kind: ['type'],
      count: ['count'],
    },
  ],
  context: [{ key: 'serviceTier', places: places('service_tier') }],
});

/** Embeddings: tokens where they are stated, else the characters that older Vertex models are billed by. */
export const googleEmbedContent: UsageReader = firstOf(
  googleGenerateContent,
  reader({
    ...THOUGHTS_OUTSIDE,
    containers: PLAIN,
    usage: PLAIN,
    fields: [],
    tallies: [
      { list: places('predictions'), meters: INPUT, count: ['embeddings', 'statistics', 'token_count'] },
      { list: places('embeddings'), meters: INPUT, count: ['statistics', 'tokenCount'] },
    ],
  }),
  reader({
    ...THOUGHTS_OUTSIDE,
    containers: PLAIN,
    usage: places('metadata'),
    fields: [field('inputCharacters', 'billableCharacterCount')],
  }),
);

/** Imagen: billed by the image, as the API or the SDK lists them. */
export const googleImages: UsageReader = reader({
  ...THOUGHTS_OUTSIDE,
  containers: PLAIN,
  usage: PLAIN,
  fields: [],
  tallies: [{ list: places('predictions', 'generatedImages'), meters: meterAt('images') }],
});

/** Google's endpoint in OpenAI's shape leaves thoughts out of `completion_tokens`, but not out of `total_tokens`. */
export const googleOpenaiChat: UsageReader = reader(
  openaiLike({ also: (draft, usage) => outputFromTotal(draft, get(usage, 'total_tokens')) }),
);
