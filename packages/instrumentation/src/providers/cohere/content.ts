/** What is said in Cohere's chats, of both versions of its API, named as its SDK names them. */
import {
  type Assembler,
  type ContentReader,
  GrowingText,
  linked,
  type Message,
  type OutputMessage,
  outputMessage,
  type Part,
  partsOf,
  reasoningPart,
  resultOf,
  type Tool,
  textPart,
  toolCall,
  toolNamed,
  toolResult,
} from '../../content/messages.ts';
import { type Bag, bag, list, text } from '../read.ts';

export const chatContent: ContentReader = {
  request(params) {
    const { messages, message, chatHistory, preamble, toolResults, tools } = bag(params) ?? {};
    const last = { role: 'user', message, toolResults };
    return {
      messages: Array.isArray(messages) ? messages.map(inputMessage) : [...list(chatHistory), last].map(turn),
      instructions: textPart(preamble),
      tools: list(tools).flatMap(tool),
    };
  },
  response(value) {
    const body = bag(value);
    // Version 1 answers with a text beside its calls, version 2 with a message.
    return body
      ? [outputMessage(bag(body.message) ? messageParts(bag(body.message)) : turnParts(body), body.finishReason)]
      : [];
  },
  stream: eventAssembler,
};

function inputMessage(value: unknown): Message {
  const message = bag(value);
  const role = text(message?.role) ?? 'user';
  const isResult = role === 'tool';
  return {
    role,
    parts: isResult ? [toolResult(message?.toolCallId, results(message?.content))] : messageParts(message),
  };
}

function messageParts({ content, toolPlan, toolCalls }: Bag = {}): Part[] {
  return [...reasoningPart(toolPlan), ...partsOf(content, contentPart), ...list(toolCalls).map(called)];
}

function contentPart(part: Bag): Part[] | undefined {
  switch (part.type) {
    case 'text':
      return textPart(part.text);
    case 'thinking':
      return reasoningPart(part.thinking);
    case 'image_url':
      return [linked('image', bag(part.imageUrl)?.url)];
    default:
      return undefined;
  }
}

/** Documents hold a tool's results as JSON. */
function results(content: unknown): unknown {
  const documents = list(content).map((part) => bag(bag(part)?.document)?.data);
  return documents.length > 0 && documents.every((data) => data !== undefined)
    ? documents
    : resultOf(content, contentPart);
}

function called(value: unknown): Part {
  const call = bag(value);
  const given = bag(call?.function);
  return toolCall(call?.id, given?.name ?? call?.name, given?.arguments ?? call?.parameters);
}

/** Version 1's name for the model. */
const CHATBOT = 'chatbot';

/** A turn of version 1. */
function turn(value: unknown): Message {
  const given = bag(value) ?? {};
  const role = (text(given.role) ?? 'user').toLowerCase();
  return { role: role === CHATBOT ? 'assistant' : role, parts: turnParts({ ...given, text: given.message }) };
}

function turnParts({ text: said, toolCalls, toolResults }: Bag): Part[] {
  return [
    ...textPart(said),
    ...list(toolCalls).map(called),
    ...list(toolResults).map((one) => toolResult(undefined, bag(one)?.outputs)),
  ];
}

function tool(value: unknown): Tool[] {
  const definition = bag(value);
  return toolNamed(bag(definition?.function)?.name ?? definition?.name, definition?.type);
}

/** A call of a tool whose arguments arrive in pieces. */
interface GrowingCall {
  readonly id: unknown;
  readonly name: unknown;
  readonly given: GrowingText;
}

function eventAssembler(): Assembler {
  const said = new GrowingText();
  const thought = new GrowingText();
  const growing: GrowingCall[] = [];
  const whole: unknown[] = [];
  let reason: unknown;
  return {
    read(value) {
      const event = bag(value) ?? {};
      const { message, finishReason } = bag(event.delta) ?? {};
      const { content, toolPlan, toolCalls } = bag(message) ?? {};
      // Version 1 says the text that came in pieces once more, with the calls of tools.
      if (event.toolCalls === undefined || String(said) === '') said.add(bag(content)?.text ?? event.text);
      thought.add(bag(content)?.thinking ?? toolPlan);
      readCall(event.index, bag(toolCalls), growing);
      whole.push(...list(event.toolCalls));
      reason = finishReason ?? event.finishReason ?? reason;
    },
    messages: (): OutputMessage[] => [
      outputMessage(
        [
          ...reasoningPart(thought),
          ...textPart(said),
          ...growing.filter(Boolean).map(({ id, name, given }) => toolCall(id, name, given)),
          ...whole.map(called),
        ],
        reason,
      ),
    ],
  };
}

function readCall(index: unknown, call: Bag | undefined, growing: GrowingCall[]): void {
  if (!call) return;
  const given = bag(call.function);
  const at = typeof index === 'number' ? index : growing.length;
  growing[at] ??= { id: call.id, name: given?.name, given: new GrowingText() };
  growing[at].given.add(given?.arguments);
}
