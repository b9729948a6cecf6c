/** What is said to Ollama: chats, and prompts that are continued. */
import {
  type Assembler,
  blob,
  type ContentReader,
  GrowingText,
  type OutputMessage,
  outputMessage,
  type Part,
  reasoningPart,
  textPart,
  toolCall,
  toolNamed,
  toolResult,
} from '../../content/messages.ts';
import { type Bag, bag, list, text } from '../read.ts';

export const chatContent: ContentReader = {
  request(params) {
    const { messages, tools } = bag(params) ?? {};
    return {
      messages: list(messages).map((value) => {
        const message = bag(value) ?? {};
        const role = text(message.role) ?? 'user';
        return {
          role,
          parts: role === 'tool' ? [toolResult(message.tool_name, message.content)] : messageParts(message),
        };
      }),
      tools: list(tools).flatMap((one) => toolNamed(bag(bag(one)?.function)?.name, bag(one)?.type)),
    };
  },
  response: answer,
  stream: lineAssembler,
};

export const generateContent: ContentReader = {
  request(params) {
    const { prompt, system, images } = bag(params) ?? {};
    return {
      messages: [{ role: 'user', parts: [...textPart(prompt), ...list(images).map(image)] }],
      instructions: textPart(system),
    };
  },
  response: answer,
  stream: lineAssembler,
};

const image = (data: unknown): Part => blob('image', undefined, data);

function messageParts({ content, thinking, images, tool_calls }: Bag): Part[] {
  return [
    ...reasoningPart(thinking),
    ...textPart(content),
    ...list(images).map(image),
    ...list(tool_calls).map((one) => {
      const { name, arguments: given } = bag(bag(one)?.function) ?? {};
      return toolCall(undefined, name, given);
    }),
  ];
}

function answer(value: unknown): OutputMessage[] {
  const { message, response, thinking, done_reason } = bag(value) ?? {};
  const parts = messageParts(bag(message) ?? { content: response, thinking });
  return [outputMessage(parts, done_reason)];
}

function lineAssembler(): Assembler {
  const said = new GrowingText();
  const thought = new GrowingText();
  const calls: unknown[] = [];
  let reason: unknown;
  return {
    read(value) {
      const { message, response, thinking, done_reason } = bag(value) ?? {};
      const piece = bag(message);
      said.add(piece?.content ?? response);
      thought.add(piece?.thinking ?? thinking);
      calls.push(...list(piece?.tool_calls));
      reason = done_reason ?? reason;
    },
    messages: () => [
      outputMessage(messageParts({ content: String(said), thinking: String(thought), tool_calls: calls }), reason),
    ],
  };
}
