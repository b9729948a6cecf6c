/** The well-known values of attributes: each is an open enum of the conventions, or ours. */

/** `gen_ai.operation.name`. */
export const OPERATION = {
  chat: 'chat',
  textCompletion: 'text_completion',
  embeddings: 'embeddings',
  generateContent: 'generate_content',
  /** Ours: the conventions have no word for it. */
  moderation: 'moderation',
} as const;

/** `gen_ai.provider.name` of the providers that we know. */
export const PROVIDER = {
  openai: 'openai',
  azureOpenai: 'azure.ai.openai',
  azureInference: 'azure.ai.inference',
  anthropic: 'anthropic',
  bedrock: 'aws.bedrock',
  gemini: 'gcp.gemini',
  vertex: 'gcp.vertex_ai',
  mistral: 'mistral_ai',
  cohere: 'cohere',
  deepseek: 'deepseek',
  groq: 'groq',
  perplexity: 'perplexity',
  xai: 'x_ai',
  moonshot: 'moonshot_ai',
  watsonx: 'ibm.watsonx.ai',
  openrouter: 'openrouter',
  together: 'together_ai',
  fireworks: 'fireworks_ai',
  ollama: 'ollama',
} as const;

/** `tokenmeter.outcome`: how a call ended. A call ends exactly once. */
export const OUTCOMES = ['completed', 'canceled', 'failed', 'abandoned'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** `tokenmeter.usage.source`: who counted the tokens. */
export const USAGE_SOURCES = ['provider', 'estimated', 'none'] as const;
export type UsageSource = (typeof USAGE_SOURCES)[number];
