import { openaiChat } from './openai.ts';
import { field, firstOf, INCLUSIVE, PLAIN, reader, type UsageReader } from './shape.ts';

/** Ollama: its own API counts at the top of the last message, its OpenAI-shaped one in `usage`. */
export const ollamaUsage: UsageReader = firstOf(
  openaiChat,
  reader({
    ...INCLUSIVE,
    containers: PLAIN,
    usage: PLAIN,
    fields: [field('input', 'prompt_eval_count'), field('output', 'eval_count')],
  }),
);
