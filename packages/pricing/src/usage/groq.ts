import { openaiLike } from './openai.ts';
import { places, reader, type UsageReader } from './shape.ts';

/** Groq: OpenAI's shape. A stream that was not asked for usage has it in `x_groq`; with both, they are the same counts. */
export const groqChat: UsageReader = reader(openaiLike({ usage: places('usage', 'x_groq.usage') }));
