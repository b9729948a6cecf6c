import { openaiLike } from './openai.ts';
import { field, reader, type UsageReader } from './shape.ts';

/** DeepSeek: OpenAI's shape; `prompt_tokens` is hits plus misses of the cache, reasoning is inside the completion. */
export const deepseekChat: UsageReader = reader(
  openaiLike({ fields: [field('cacheRead', 'prompt_cache_hit_tokens')] }),
);
