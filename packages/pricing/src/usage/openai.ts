/**
 * OpenAI, and every API shaped like it: Azure OpenAI, and the compatible hosts, whose files say how they differ.
 *
 * One shape reads all of them. Chat and legacy completions say `prompt_tokens`; responses, images, audio, realtime,
 * batches, decisions and agent turns say `input_tokens`; realtime and transcription name the details in the singular.
 * Cached and written tokens are inside the input, reasoning and rejected predictions inside the output.
 */
import { add, addBeside, type Draft, meterAt } from './draft.ts';
import type { Field, Group } from './level.ts';
import { at, each, firstName, get, path } from './read.ts';
import {
  copyIfAbsent,
  field,
  firstOf,
  group,
  INCLUSIVE,
  PLAIN,
  places,
  reader,
  type Shape,
  type UsageReader,
} from './shape.ts';

const OUTPUT = meterAt('output');
const WEB_SEARCHES = meterAt('webSearches');
const FILE_SEARCHES = meterAt('fileSearches');
const CODE_EXECUTIONS = meterAt('codeExecutions');

const TOTALS: readonly Field[] = [
  field('input', 'prompt_tokens', 'input_tokens'),
  field('output', 'completion_tokens', 'output_tokens'),
];

const DETAILS: readonly Group[] = [
  group(
    ['prompt_tokens_details', 'input_tokens_details', 'input_token_details'],
    [
      field('cacheRead', 'cached_tokens'),
      field('cacheWrite', 'cache_write_tokens'),
      field('audioInput', 'audio_tokens'),
      field('imageInput', 'image_tokens'),
      field('videoInput', 'video_tokens'),
    ],
    [
      group(
        ['cache_write_tokens_details'],
        [field('cacheWrite30m', 'ttl_30m_tokens'), field('cacheWrite12h', 'ttl_12h_tokens')],
      ),
      group(
        ['cached_tokens_details'],
        [field('audioCacheRead', 'audio_tokens'), field('imageCacheRead', 'image_tokens')],
      ),
    ],
  ),
  group(
    ['completion_tokens_details', 'output_tokens_details', 'output_token_details'],
    [
      field('reasoning', 'reasoning_tokens'),
      field('audioOutput', 'audio_tokens'),
      field('imageOutput', 'image_tokens'),
      field('videoOutput', 'video_tokens'),
    ],
  ),
];

/**
 * The shape that all of them share. `text_tokens` are not read: what no modality claims is text, and some hosts (xAI)
 * count other modalities in it.
 */
const OPENAI: Shape = {
  ...INCLUSIVE,
  containers: places('', 'response', 'response.body'),
  usage: places('usage'),
  fields: TOTALS,
  groups: DETAILS,
  context: [{ key: 'serviceTier', places: places('service_tier', 'usage.service_tier') }],
};

/** The shared shape with a provider's differences. Its fields and groups come after the shared ones. */
export function openaiLike(difference: Partial<Shape>): Shape {
  return {
    ...OPENAI,
    ...difference,
    fields: [...TOTALS, ...(difference.fields ?? [])],
    groups: [...DETAILS, ...(difference.groups ?? [])],
  };
}

/**
 * Chat and legacy completions, decisions, thread runs, realtime events: with the usage in the body, in a stream's last
 * chunk, or in the event's `response`. Several hosts give `cached_tokens` without details.
 */
export const openaiChat: UsageReader = reader(openaiLike({ fields: [field('cacheRead', 'cached_tokens')] }));

/** Embeddings; some hosts give the total alone, which is all input. */
export const openaiEmbeddings: UsageReader = reader(openaiLike({ fields: [field('input', 'total_tokens')] }));

/** Responses, with what their hosted tools consumed; the terminal event of a stream or socket too. */
export const openaiResponses: UsageReader = reader(openaiLike({ also: readTools }));

/** For shapes of the Responses kind: adds what hosted tools consumed. */
export function readTools(draft: Draft, _usage: object, container: object): void {
  const billable = at(container, BILLABLE_SEARCHES);
  const counted = billable !== undefined && billable !== null;
  if (counted) add(draft, WEB_SEARCHES, billable, 'tool_usage.web_search.num_requests');
  let sandboxes: Set<unknown> | undefined;
  each(get(container, 'output'), (item) => {
    const type = get(item, 'type');
    if (type === 'file_search_call') add(draft, FILE_SEARCHES, 1, 'output');
    else if (type === 'code_interpreter_call')
      sandboxes = (sandboxes ?? new Set()).add(get(item, 'container_id') ?? item);
    else if (type === 'web_search_call' && !counted && isSearch(item)) add(draft, WEB_SEARCHES, 1, 'output');
  });
  if (sandboxes !== undefined) add(draft, CODE_EXECUTIONS, sandboxes.size, 'output');
  const image = at(container, IMAGE_TOKENS) === 0 ? undefined : imageTool(container);
  if (image !== undefined) addBeside(draft, imageModel(container), image);
}

/** The billable ones; where it is stated, output items are not counted. */
const BILLABLE_SEARCHES = path('tool_usage.web_search.num_requests');
const IMAGE_TOKENS = path('tool_usage.image_gen.total_tokens');

/** Opening a page, or finding text in one, costs nothing. */
function isSearch(item: unknown): boolean {
  const action = get(get(item, 'action'), 'type');
  return action === undefined || action === 'search';
}

/** The default of the image tool changes and is not stated: no price book knows this name. */
const UNSTATED_IMAGE_MODEL = 'image_generation';

function imageModel(container: object): string {
  let model: string | undefined;
  each(get(container, 'tools'), (tool) => {
    if (get(tool, 'type') === 'image_generation') model ??= firstName(tool, MODEL);
  });
  return model ?? UNSTATED_IMAGE_MODEL;
}

const MODEL = places('model');
const SVG_MODEL = places('svg_usage.model');

/** The image APIs may leave out the output's details: all of it is image tokens then. */
function outputIsImage(draft: Draft): void {
  copyIfAbsent(draft, meterAt('imageOutput'), OUTPUT);
}

/** Tokens of the image tool, which the usage of its response leaves out. */
const imageTool: UsageReader = reader(
  openaiLike({
    containers: places('tool_usage'),
    usage: places('image_gen'),
    fields: [field('cacheRead', 'cached_tokens')],
    groups: [group(['cached_tokens_details'], [field('imageCacheRead', 'cached_image_tokens')])],
    context: [],
    also: outputIsImage,
  }),
);

/** Tokens of the model that wrote an SVG, beside those that rendered it. */
const svgAuthor: UsageReader = reader({
  ...INCLUSIVE,
  containers: PLAIN,
  usage: places('svg_usage'),
  fields: [...TOTALS, field('reasoning', 'reasoning_tokens')],
});

const imageCount: UsageReader = reader({
  ...INCLUSIVE,
  containers: PLAIN,
  usage: PLAIN,
  fields: [],
  tallies: [{ list: places('data'), meters: meterAt('images') }],
});

/** Images made or edited; models without token usage are billed by the image. */
export const openaiImages: UsageReader = firstOf(
  reader(
    openaiLike({
      also: (draft, _usage, container) => {
        outputIsImage(draft);
        addBeside(draft, firstName(container, SVG_MODEL), svgAuthor(container));
      },
    }),
  ),
  imageCount,
);

/** Transcription and translation: by token (all audio, unless details say otherwise) or by second. */
export const openaiTranscription: UsageReader = firstOf(
  reader(
    openaiLike({
      fields: [field('inputAudioSeconds', 'seconds')],
      also: (draft) => copyIfAbsent(draft, meterAt('audioInput'), meterAt('input')),
    }),
  ),
  // whisper-1 before it had a usage object
  reader({ ...INCLUSIVE, containers: PLAIN, usage: PLAIN, fields: [field('inputAudioSeconds', 'duration')] }),
);

/** Speech: the output is audio. */
export const openaiSpeech: UsageReader = reader(
  openaiLike({
    also: (draft) => copyIfAbsent(draft, meterAt('audioOutput'), OUTPUT),
  }),
);

/** Realtime events: `response.done`, and a transcription's own usage, by token or second. */
export const openaiRealtime: UsageReader = reader(openaiLike({ fields: [field('inputAudioSeconds', 'seconds')] }));
