export { anthropicMessages, mergeAnthropicUsage } from './anthropic.ts';
export { bedrockConverse, bedrockInvokeModel } from './bedrock.ts';
export { cohereUsage } from './cohere.ts';
export { deepseekChat } from './deepseek.ts';
export { extractUsage, type UsageApi, type UsageSource } from './extract.ts';
export { aiSdkUsage, langchainUsage } from './frameworks.ts';
export {
  googleEmbedContent,
  googleGenerateContent,
  googleImages,
  googleInteractions,
  googleOpenaiChat,
} from './google.ts';
export { groqChat } from './groq.ts';
export { mistralChat, mistralOcr } from './mistral.ts';
export { ollamaUsage } from './ollama.ts';
export {
  openaiChat,
  openaiEmbeddings,
  openaiImages,
  openaiRealtime,
  openaiResponses,
  openaiSpeech,
  openaiTranscription,
} from './openai.ts';
export { openrouterUsage } from './openrouter.ts';
export { perplexityChat, perplexityResponses } from './perplexity.ts';
export type { UsageReader } from './shape.ts';
export { xaiBilled, xaiChat, xaiResponses } from './xai.ts';
