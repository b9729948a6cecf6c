/**
 * How spans of other instrumentations spell what pricing needs: OpenTelemetry's generations, OpenInference, OpenLLMetry,
 * OpenLIT and the AI SDK. The first that is there counts.
 */
import { ATTR, GENERATIONS, TOKENMETER_ATTR } from '@tokenmeter/semconv';

/** Quantities by the names that `pricing.ts` gives them. */
export const TOKEN_SPELLINGS: Readonly<Record<string, readonly string[]>> = {
  in: [
    ATTR.usageInputTokens,
    'gen_ai.usage.prompt_tokens',
    'llm.token_count.prompt',
    'llm.usage.prompt_tokens',
    'ai.usage.inputTokens',
    'ai.usage.promptTokens',
  ],
  out: [
    ATTR.usageOutputTokens,
    'gen_ai.usage.completion_tokens',
    'llm.token_count.completion',
    'llm.usage.completion_tokens',
    'ai.usage.outputTokens',
    'ai.usage.completionTokens',
  ],
  read: [
    ATTR.usageCacheReadInputTokens,
    'gen_ai.usage.cache_read_input_tokens',
    'gen_ai.usage.prompt_tokens_details.cache_read',
    'llm.token_count.prompt_details.cache_read',
    'ai.usage.cachedInputTokens',
    'ai.usage.inputTokenDetails.cacheReadTokens',
  ],
  write: [
    ...Object.values(GENERATIONS).map((generation) => generation.cacheWriteAttribute),
    'gen_ai.usage.cache_creation_input_tokens',
    'gen_ai.usage.cache_write_input_tokens',
    'gen_ai.usage.prompt_tokens_details.cache_write',
    'llm.token_count.prompt_details.cache_write',
    'ai.usage.cacheCreationInputTokens',
    'ai.usage.inputTokenDetails.cacheWriteTokens',
  ],
  think: [
    ATTR.usageReasoningOutputTokens,
    'gen_ai.usage.reasoning_tokens',
    'gen_ai.usage.completion_tokens_details.reasoning',
    'llm.token_count.completion_details.reasoning',
    'ai.usage.reasoningTokens',
    'ai.usage.outputTokenDetails.reasoningTokens',
  ],
  audio_in: ['gen_ai.usage.audio.input_tokens', 'llm.token_count.prompt_details.audio'],
  image_in: ['gen_ai.usage.image.input_tokens'],
  audio_out: [
    'gen_ai.usage.audio.output_tokens',
    'gen_ai.usage.completion_tokens_details.audio',
    'llm.token_count.completion_details.audio',
  ],
  image_out: ['gen_ai.usage.image.output_tokens'],
  audio_read: ['gen_ai.usage.audio.cache_read.input_tokens'],
  image_read: ['gen_ai.usage.image.cache_read.input_tokens'],
};

/** What is set on the span under its first name, where only another spelling is there. */
export const TEXT_SPELLINGS: readonly (readonly [name: string, others: readonly string[]])[] = [
  [ATTR.providerName, ['gen_ai.system', 'llm.provider', 'llm.system', 'ai.model.provider']],
  [ATTR.requestModel, ['llm.request.model', 'llm.model_name', 'embedding.model_name', 'ai.model.id']],
  [ATTR.responseModel, ['llm.response.model', 'ai.response.model']],
  [ATTR.openaiResponseServiceTier, ['gen_ai.openai.response.service_tier']],
  [ATTR.openaiRequestServiceTier, ['gen_ai.openai.request.service_tier']],
];

/** Attribution that an app has set for another tool. */
export const ATTRIBUTION_SPELLINGS: readonly (readonly [name: string, others: readonly string[]])[] = [
  [TOKENMETER_ATTR.feature, 'feature'],
  [TOKENMETER_ATTR.team, 'team'],
  [TOKENMETER_ATTR.tenant, 'tenant'],
].map(([name, key]) => [
  name as string,
  ['traceloop.association.properties', 'langsmith.metadata', 'langfuse.trace.metadata', 'ai.telemetry.metadata'].map(
    (prefix) => `${prefix}.${key}`,
  ),
]);

/** Operations that are one request to a model. Agents and workflows sum up what these cost already. */
export const LEAF_OPERATIONS: readonly string[] = ['chat', 'text_completion', 'generate_content', 'embeddings'];

/** Spans that say by other means that they are such an operation, and which. */
export const LEAF_KINDS: readonly { readonly key: string; readonly pattern: string; readonly operation: string }[] = [
  { key: 'openinference.span.kind', pattern: '^(?i)llm$', operation: 'chat' },
  { key: 'openinference.span.kind', pattern: '^(?i)embedding$', operation: 'embeddings' },
  { key: 'llm.request.type', pattern: '^chat$', operation: 'chat' },
  { key: 'llm.request.type', pattern: '^completion$', operation: 'text_completion' },
  { key: 'llm.request.type', pattern: '^embeddings?$', operation: 'embeddings' },
  { key: 'ai.operationId', pattern: '\\.do(Generate|Stream)$', operation: 'chat' },
  { key: 'ai.operationId', pattern: '\\.doEmbed$', operation: 'embeddings' },
];
