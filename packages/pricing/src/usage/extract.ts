/**
 * One door to all readers: which API answered, and who runs the endpoint, select the reader; the body is the provider's
 * own, or the end of its stream.
 */
import type { UsageReport } from '../types.ts';
import { anthropicMessages } from './anthropic.ts';
import { bedrockConverse, bedrockInvokeModel } from './bedrock.ts';
import { cohereUsage } from './cohere.ts';
import { deepseekChat } from './deepseek.ts';
import {
  googleEmbedContent,
  googleGenerateContent,
  googleImages,
  googleInteractions,
  googleOpenaiChat,
} from './google.ts';
import { groqChat } from './groq.ts';
import { mistralChat, mistralOcr } from './mistral.ts';
import { ollamaUsage } from './ollama.ts';
import {
  openaiChat,
  openaiEmbeddings,
  openaiImages,
  openaiRealtime,
  openaiResponses,
  openaiSpeech,
  openaiTranscription,
} from './openai.ts';
import { openrouterUsage } from './openrouter.ts';
import { perplexityChat, perplexityResponses } from './perplexity.ts';
import { batched, firstOf, type UsageReader } from './shape.ts';
import { xaiBilled, xaiChat, xaiResponses } from './xai.ts';

/** The API that a body came from: what was called, whoever runs it. */
export type UsageApi =
  | 'chat'
  | 'completions'
  | 'responses'
  | 'embeddings'
  | 'images'
  | 'transcription'
  | 'speech'
  | 'realtime'
  | 'decisions'
  | 'thread_run'
  | 'batch'
  | 'rerank'
  | 'ocr'
  | 'messages'
  | 'generate_content'
  | 'embed_content'
  | 'generate_images'
  | 'live'
  | 'interactions'
  | 'converse'
  | 'invoke_model';

type Readers = Readonly<Partial<Record<UsageApi, UsageReader>>>;

/** What a provider that we do not know is read with. */
const GENERIC: Readonly<Record<UsageApi, UsageReader>> = {
  chat: openaiChat,
  completions: openaiChat,
  responses: openaiResponses,
  embeddings: openaiEmbeddings,
  images: openaiImages,
  transcription: openaiTranscription,
  speech: openaiSpeech,
  realtime: openaiRealtime,
  decisions: openaiChat,
  thread_run: openaiChat,
  /** A finished batch object, or a line of its results. */
  batch: batched(openaiResponses),
  rerank: cohereUsage,
  ocr: mistralOcr,
  messages: anthropicMessages,
  generate_content: googleGenerateContent,
  embed_content: googleEmbedContent,
  generate_images: googleImages,
  /** Gemini Live. */
  live: googleGenerateContent,
  interactions: googleInteractions,
  converse: bedrockConverse,
  invoke_model: bedrockInvokeModel,
};

const GOOGLE: Readers = {
  chat: googleOpenaiChat,
  embeddings: firstOf(googleEmbedContent, openaiEmbeddings),
  images: firstOf(googleImages, openaiImages),
  batch: batched(googleGenerateContent),
};

/** Where a provider's semantics are its own. Azure, Together, Fireworks, Moonshot and others need no row. */
const BY_PROVIDER: ReadonlyMap<string, Readers> = new Map<string, Readers>([
  ['anthropic', { batch: batched(anthropicMessages) }],
  ['aws.bedrock', { batch: batched(bedrockInvokeModel) }],
  ['cohere', { chat: firstOf(cohereUsage, openaiChat), embeddings: firstOf(cohereUsage, openaiEmbeddings) }],
  ['deepseek', { chat: deepseekChat, completions: deepseekChat }],
  ['gcp.gemini', GOOGLE],
  ['gcp.vertex_ai', GOOGLE],
  ['groq', { chat: groqChat, completions: groqChat }],
  ['mistral_ai', { chat: mistralChat, completions: mistralChat, batch: batched(mistralChat) }],
  ['ollama', { chat: ollamaUsage, completions: ollamaUsage, embeddings: ollamaUsage }],
  [
    'openrouter',
    { chat: openrouterUsage, completions: openrouterUsage, responses: openrouterUsage, embeddings: openrouterUsage },
  ],
  ['perplexity', { chat: perplexityChat, responses: perplexityResponses }],
  [
    'x_ai',
    {
      chat: xaiChat,
      completions: xaiChat,
      responses: xaiResponses,
      images: xaiBilled,
      embeddings: xaiBilled,
      batch: batched(xaiChat),
    },
  ],
]);

/** What {@link extractUsage} needs to know. */
export interface UsageSource {
  /** OTel `gen_ai.provider.name`; unknown names are fine. */
  readonly provider: string;
  readonly api: UsageApi;
  /** The parsed body, an SDK's object for it, or the last event of a stream. */
  readonly body: unknown;
  /** Response headers, names in lower case: Bedrock's InvokeModel tells there what a body does not. */
  readonly headers?: Readonly<Record<string, unknown>>;
}

/**
 * The usage that a provider's body states, in canonical form. `undefined` when it states none.
 *
 * Pure; never throws, whatever the body. Numbers that are negative, not finite, above 2^53 or no numbers are left out and
 * flagged `usage_invalid:<field>`; subsets above their total are cut and flagged `usage_clamped`. Absent is not 0.
 */
export function extractUsage({ provider, api, body, headers }: UsageSource): UsageReport | undefined {
  if (!Object.hasOwn(GENERIC, api)) return undefined;
  try {
    const read = BY_PROVIDER.get(provider)?.[api] ?? GENERIC[api];
    return read(body, headers);
  } catch {
    return undefined;
  }
}
