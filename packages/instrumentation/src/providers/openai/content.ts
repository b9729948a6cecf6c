/** What is said in OpenAI's Responses API, and in items of its realtime sessions: messages are one kind of them. */
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

export const responsesContent: ContentReader = {
  request(params) {
    const { input, instructions, tools } = bag(params) ?? {};
    return {
      messages: typeof input === 'string' ? [{ role: 'user', parts: textPart(input) }] : list(input).map(inputItem),
      instructions: textPart(instructions),
      tools: list(tools).flatMap(tool),
    };
  },
  response,
  stream: eventAssembler,
};

/** All items of an answer are one message. */
function response(value: unknown): OutputMessage[] {
  const body = bag(value);
  const parts = list(body?.output).flatMap((item) => itemParts(bag(item) ?? {}));
  if (parts.length === 0) return [];
  const calls = parts.some(({ type }) => type === 'tool_call');
  const cutOff = bag(body?.incomplete_details ?? body?.status_details)?.reason;
  return [outputMessage(parts, calls ? 'tool_call' : (cutOff ?? body?.status))];
}

const RESULT = /_output$/;

export function inputItem(value: unknown): Message {
  const item = bag(value) ?? {};
  const { role, type, call_id, output } = item;
  if (typeof type === 'string' && RESULT.test(type))
    return { role: 'tool', parts: [toolResult(call_id, resultOf(output, contentPart))] };
  // What the model said before has no role of its own, unless it is a message.
  return { role: text(role) ?? 'assistant', parts: itemParts(item) };
}

function itemParts(item: Bag): Part[] {
  const { type, role, content, call_id, name, summary } = item;
  if (type === 'message' || (type === undefined && role !== undefined)) return partsOf(content, contentPart);
  if (type === 'function_call') return [toolCall(call_id, name, item.arguments)];
  if (type === 'custom_tool_call') return [toolCall(call_id, name, item.input)];
  if (type === 'reasoning') return list(summary).flatMap((one) => reasoningPart(bag(one)?.text));
  if (type === 'image_generation_call') return [linked('image', `data:image/*;base64,${text(item.result) ?? ''}`)];
  return [{ ...item, type: text(type) ?? 'unknown' }];
}

function contentPart(part: Bag): Part[] | undefined {
  switch (part.type) {
    case 'input_text':
    case 'output_text':
    case 'text':
      return textPart(part.text);
    case 'refusal':
      return textPart(part.refusal);
    case 'input_image':
      return [part.file_id == null ? linked('image', part.image_url) : file('image', part.file_id)];
    case 'input_file':
      return [
        part.file_id == null ? linked('document', part.file_url ?? part.file_data) : file('document', part.file_id),
      ];
    case 'input_audio':
    case 'output_audio':
    case 'audio':
      return typeof part.transcript === 'string' ? textPart(part.transcript) : [sound(part)];
    default:
      return undefined;
  }
}

/** In a realtime session without its bytes. */
function sound({ audio, input_audio }: Bag): Part {
  const { data, format } = bag(input_audio) ?? {};
  return blob('audio', text(format) && `audio/${format}`, data ?? audio);
}

function tool(value: unknown): Tool[] {
  const definition = bag(value);
  return toolNamed(definition?.name ?? definition?.type, definition?.type);
}

/** Pieces of what is said, spoken or not; the last two are of beta sessions. */
const PIECES: ReadonlySet<unknown> = new Set([
  'response.output_text.delta',
  'response.output_audio_transcript.delta',
  'response.text.delta',
  'response.audio_transcript.delta',
]);

/** The last event has the whole answer; one that broke off is what was done of it, and the text that was under way. */
function eventAssembler(): Assembler {
  const done: unknown[] = [];
  let saying = new GrowingText();
  let whole: unknown;
  return {
    read(value) {
      const { type, response: answer, item, delta } = bag(value) ?? {};
      if (PIECES.has(type)) saying.add(delta);
      else if (type === 'response.output_item.done') {
        done.push(item);
        saying = new GrowingText();
      } else if (bag(answer)?.output !== undefined) whole = answer;
    },
    messages() {
      const answer = response(whole);
      if (answer.length > 0) return answer;
      const under = textPart(saying).length > 0 ? [{ type: 'message', content: String(saying) }] : [];
      return response({ output: [...done, ...under] });
    },
  };
}
