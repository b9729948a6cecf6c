/** What is said in chat and legacy completions, of the APIs that OpenAI's compatible hosts share. */
import {
  type Assembler,
  blob,
  type ContentReader,
  file,
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
    const { messages, tools, functions } = bag(params) ?? {};
    return { messages: list(messages).map(inputMessage), tools: [...list(tools), ...list(functions)].flatMap(tool) };
  },
  response: (body) =>
    list(bag(body)?.choices).map((item) => {
      const choice = bag(item);
      return outputMessage(messageParts(bag(choice?.message) ?? {}), choice?.finish_reason);
    }),
  stream: chunkAssembler,
};

export const completionContent: ContentReader = {
  request(params) {
    const { prompt } = bag(params) ?? {};
    const prompts = Array.isArray(prompt) ? prompt : [prompt];
    return { messages: prompts.map((one) => ({ role: 'user', parts: textPart(one) })) };
  },
  response: (body) =>
    list(bag(body)?.choices).map((item) => outputMessage(textPart(bag(item)?.text), bag(item)?.finish_reason)),
  stream: chunkAssembler,
};

function inputMessage(value: unknown): Message {
  const message = bag(value) ?? {};
  const role = text(message.role) ?? 'user';
  const parts =
    role === 'tool' || role === 'function'
      ? [toolResult(message.tool_call_id ?? message.name, resultOf(message.content, contentPart))]
      : messageParts(message);
  return { role, parts, name: text(message.name) };
}

function messageParts({ content, refusal, reasoning_content, reasoning, tool_calls, function_call }: Bag): Part[] {
  return [
    ...reasoningPart(reasoning_content ?? reasoning),
    ...partsOf(content, contentPart),
    ...textPart(refusal),
    ...[...list(tool_calls), ...(function_call ? [{ function: function_call }] : [])].map(called),
  ];
}

function contentPart(part: Bag): Part[] | undefined {
  switch (part.type) {
    case 'text':
      return textPart(part.text);
    case 'refusal':
      return textPart(part.refusal);
    case 'image_url':
      return [linked('image', bag(part.image_url)?.url ?? part.image_url)];
    case 'input_audio':
      return [blob('audio', `audio/${bag(part.input_audio)?.format}`, bag(part.input_audio)?.data)];
    case 'file': {
      const { file_id, file_data } = bag(part.file) ?? {};
      return [file_id === undefined ? linked('document', file_data) : file('document', file_id)];
    }
    default:
      return undefined;
  }
}

function called(value: unknown): Part {
  const call = bag(value);
  const given = bag(call?.function) ?? bag(call?.custom);
  return toolCall(call?.id, given?.name, given?.arguments ?? given?.input);
}

function tool(value: unknown): Tool[] {
  const definition = bag(value);
  const { name } = bag(definition?.function) ?? bag(definition?.custom) ?? definition ?? {};
  return toolNamed(name ?? definition?.type, definition?.type);
}

/** One choice of a stream. */
interface Choice {
  readonly said: GrowingText;
  readonly thought: GrowingText;
  readonly calls: { id?: unknown; name?: unknown; readonly given: GrowingText }[];
  reason: unknown;
}

function chunkAssembler(): Assembler {
  const choices: Choice[] = [];
  return {
    read(event) {
      for (const item of list(bag(event)?.choices)) readChoice(bag(item) ?? {}, choices);
    },
    messages: () => choices.filter(Boolean).map(assembled),
  };
}

function readChoice({ index, delta, text: piece, finish_reason }: Bag, choices: Choice[]): void {
  const at = typeof index === 'number' ? index : 0;
  choices[at] ??= { said: new GrowingText(), thought: new GrowingText(), calls: [], reason: undefined };
  const choice = choices[at];
  const { content, refusal, reasoning_content, reasoning, tool_calls } = bag(delta) ?? {};
  choice.said.add(content ?? refusal ?? piece);
  choice.thought.add(reasoning_content ?? reasoning);
  choice.reason = finish_reason ?? choice.reason;
  for (const item of list(tool_calls)) readCall(bag(item) ?? {}, choice.calls);
}

function readCall({ index, id, function: given }: Bag, calls: Choice['calls']): void {
  const at = typeof index === 'number' ? index : calls.length;
  calls[at] ??= { given: new GrowingText() };
  const call = calls[at];
  const { name, arguments: piece } = bag(given) ?? {};
  call.id ??= id;
  call.name ??= name;
  call.given.add(piece);
}

function assembled({ said, thought, calls, reason }: Choice): OutputMessage {
  const made = calls.filter(Boolean).map(({ id, name, given }) => toolCall(id, name, given));
  return outputMessage([...reasoningPart(thought), ...textPart(said), ...made], reason);
}
