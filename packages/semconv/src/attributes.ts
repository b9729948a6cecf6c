/**
 * Attribute names. The OpenTelemetry ones are copied as literals: the constants on npm are all marked deprecated
 * ("moved to semantic-conventions-genai") and the new repository publishes no package.
 *
 * Source: open-telemetry/semantic-conventions v1.41.1, the last release whose `gen_ai.*` names are not deprecated;
 * names that only the successor repository has stand in `generations.ts`.
 */

/** OpenTelemetry attributes that every generation of the conventions shares. */
export const ATTR = {
  operationName: 'gen_ai.operation.name',
  providerName: 'gen_ai.provider.name',
  requestModel: 'gen_ai.request.model',
  requestStream: 'gen_ai.request.stream',
  requestMaxTokens: 'gen_ai.request.max_tokens',
  requestTemperature: 'gen_ai.request.temperature',
  requestTopP: 'gen_ai.request.top_p',
  requestTopK: 'gen_ai.request.top_k',
  requestFrequencyPenalty: 'gen_ai.request.frequency_penalty',
  requestPresencePenalty: 'gen_ai.request.presence_penalty',
  requestSeed: 'gen_ai.request.seed',
  requestChoiceCount: 'gen_ai.request.choice.count',
  requestStopSequences: 'gen_ai.request.stop_sequences',
  requestEncodingFormats: 'gen_ai.request.encoding_formats',
  embeddingsDimensionCount: 'gen_ai.embeddings.dimension.count',
  outputType: 'gen_ai.output.type',
  conversationId: 'gen_ai.conversation.id',
  responseModel: 'gen_ai.response.model',
  responseId: 'gen_ai.response.id',
  responseFinishReasons: 'gen_ai.response.finish_reasons',
  responseTimeToFirstChunk: 'gen_ai.response.time_to_first_chunk',
  usageInputTokens: 'gen_ai.usage.input_tokens',
  usageOutputTokens: 'gen_ai.usage.output_tokens',
  usageCacheReadInputTokens: 'gen_ai.usage.cache_read.input_tokens',
  usageReasoningOutputTokens: 'gen_ai.usage.reasoning.output_tokens',
  tokenType: 'gen_ai.token.type',
  openaiApiType: 'openai.api.type',
  openaiRequestServiceTier: 'openai.request.service_tier',
  openaiResponseServiceTier: 'openai.response.service_tier',
  openaiResponseSystemFingerprint: 'openai.response.system_fingerprint',
  serverAddress: 'server.address',
  serverPort: 'server.port',
  errorType: 'error.type',
  httpRoute: 'http.route',
  userId: 'user.id',
  sessionId: 'session.id',
  environment: 'deployment.environment.name',
  serviceName: 'service.name',
  serviceVersion: 'service.version',
  serviceInstanceId: 'service.instance.id',
} as const;

/** What was said in a call: on spans and events alone, and only where somebody opted in. */
export const CONTENT_ATTR = {
  inputMessages: 'gen_ai.input.messages',
  outputMessages: 'gen_ai.output.messages',
  systemInstructions: 'gen_ai.system_instructions',
  toolDefinitions: 'gen_ai.tool.definitions',
} as const;

/** The conventions' event of a call, which carries the same attributes as its span. */
export const INFERENCE_EVENT = 'gen_ai.client.inference.operation.details';

/** Our own attributes, on spans and, where `metrics.ts` says so, on metrics. */
export const TOKENMETER_ATTR = {
  feature: 'tokenmeter.feature',
  team: 'tokenmeter.team',
  tenant: 'tokenmeter.tenant',
  route: 'tokenmeter.route',
  /** Request id given by `withRequest`. Spans and ledger only. */
  request: 'tokenmeter.request.id',
  /** USD, double; absent when the amount is not known. */
  costUsd: 'tokenmeter.cost.usd',
  costStatus: 'tokenmeter.cost.status',
  costSource: 'tokenmeter.cost.source',
  /** USD at list price, where a discount or the provider's own amount made `costUsd` differ. */
  costListUsd: 'tokenmeter.cost.list_usd',
  costFlags: 'tokenmeter.cost.flags',
  /** USD, double; ledger only, as the four `price.*` below that say how the row was found. */
  costCacheSavingsUsd: 'tokenmeter.cost.cache_savings_usd',
  priceVersion: 'tokenmeter.price.version',
  priceId: 'tokenmeter.price.id',
  priceMatch: 'tokenmeter.price.match',
  priceEffectiveFrom: 'tokenmeter.price.effective_from',
  priceTier: 'tokenmeter.price.tier',
  priceVariant: 'tokenmeter.price.variant',
  outcome: 'tokenmeter.outcome',
  usageSource: 'tokenmeter.usage.source',
  callSite: 'tokenmeter.call_site',
  /** HTTP attempts, where the SDK lets them be seen. */
  attempts: 'tokenmeter.attempts',
  /** True on every span, and on the resource, of a process whose metrics leave it: the collector prices no such span. */
  metered: 'tokenmeter.metered',
  tokenType: 'tokenmeter.token.type',
  /** Prefix of the usage details for which the conventions have no name, e.g. `tokenmeter.usage.cacheWrite1h`. */
  usagePrefix: 'tokenmeter.usage.',
  /** Prefix of attribution keys that have no name of their own, e.g. `tokenmeter.attribution.plan`. */
  attributionPrefix: 'tokenmeter.attribution.',
  /** On `tokenmeter.attributes.capped`: the key whose values were replaced. */
  cappedAttribute: 'tokenmeter.attribute',
  /** On `tokenmeter.alerts.failed`: the channel. */
  alertChannel: 'tokenmeter.alert.channel',
  /** Which budget it is: its name, its window as configured, for a budget of `each: <key>` the key and whose, who counts. */
  budgetName: 'tokenmeter.budget.name',
  budgetWindow: 'tokenmeter.budget.window',
  budgetScopeKey: 'tokenmeter.budget.scope.key',
  budgetScopeValue: 'tokenmeter.budget.scope.value',
  budgetStore: 'tokenmeter.budget.store',
  /** On alerts and log events: `WARN`, `OVER` or `RESET`, and the share of the amount that was crossed. */
  budgetState: 'tokenmeter.budget.state',
  budgetThreshold: 'tokenmeter.budget.threshold',
  /** On log events: `usd`, `tokens` or `calls`, and the amount and what is spent of it, in that unit. */
  budgetUnit: 'tokenmeter.budget.unit',
  budgetAmount: 'tokenmeter.budget.amount',
  budgetSpent: 'tokenmeter.budget.spent',
  /** On `tokenmeter.sdk.untested`: the npm package and its version. */
  sdkName: 'tokenmeter.sdk.name',
  sdkVersion: 'tokenmeter.sdk.version',
} as const;

/** Prefix of the W3C baggage entries that carry attribution between services, e.g. `tokenmeter.feature`. */
export const BAGGAGE_PREFIX = 'tokenmeter.';

/** The value of `tokenmeter.feature` for a call without a feature: on spans, metrics and in the ledger. */
export const UNTAGGED = 'untagged';

/** The value that replaces attribute values past a cap on metrics. */
export const OTHER = '_other';

/** Fallback of `error.type`, as OpenTelemetry defines it. */
export const ERROR_TYPE_OTHER = '_OTHER';
