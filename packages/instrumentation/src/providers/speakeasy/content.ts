/** What is said by SDKs that Speakeasy generated: OpenAI's chat, with names in camel case. */
import type { ContentReader } from '../../content/messages.ts';
import { chatContent } from '../openai-wire/content.ts';
import { bag, list } from '../read.ts';

export const camelContent: ContentReader = {
  request(params) {
    const { messages, tools } = bag(params) ?? {};
    return chatContent.request({ messages: list(messages).map(renamed), tools });
  },
  response: (body) => chatContent.response({ choices: list(bag(body)?.choices).map(choice) }),
  stream() {
    const assembler = chatContent.stream();
    return {
      // Mistral's events have the chunk in `data`.
      read: (event) => assembler.read({ choices: list(bag(bag(event)?.data ?? event)?.choices).map(choice) }),
      messages: () => assembler.messages(),
    };
  },
};

function choice(value: unknown): object {
  const { index, message, delta, finishReason } = bag(value) ?? {};
  return { index, message: renamed(message), delta: renamed(delta), finish_reason: finishReason };
}

/** A message or a delta, in the names of OpenAI's API. */
function renamed(value: unknown): object {
  const message = bag(value) ?? {};
  const { toolCalls, toolCallId, content } = message;
  return { ...message, content: parts(content), tool_calls: toolCalls, tool_call_id: toolCallId };
}

function parts(content: unknown): unknown {
  if (!Array.isArray(content)) return content;
  return content.map((item) => {
    const part = bag(item);
    if (part?.imageUrl === undefined) return item;
    return { type: 'image_url', image_url: part.imageUrl };
  });
}
