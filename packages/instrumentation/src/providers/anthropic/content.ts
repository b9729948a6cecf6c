/** What is said in Anthropic's messages. */
import {
  type Assembler,
  blob,
  type ContentReader,
  file,
  GrowingText,
  linked,
  modalityOf,
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

export const messagesContent: ContentReader = {
  request(params) {
    const { messages, system, tools } = bag(params) ?? {};
    return {
      messages: list(messages).map((value) => {
        const { role, content } = bag(value) ?? {};
        return { role: text(role) ?? 'user', parts: partsOf(content, block) };
      }),
      instructions: partsOf(system, block),
      tools: list(tools).flatMap(tool),
    };
  },
  response(value) {
    const message = bag(value);
    return message ? [outputMessage(partsOf(message.content, block), message.stop_reason)] : [];
  },
  stream: eventAssembler,
};

function block(part: Bag): Part[] | undefined {
  switch (part.type) {
    case 'text':
      return textPart(part.text);
    case 'thinking':
      return reasoningPart(part.thinking);
    case 'tool_use':
      return [toolCall(part.id, part.name, part.input)];
    case 'tool_result':
      return [toolResult(part.tool_use_id, resultOf(part.content, block))];
    case 'image':
    case 'document':
      return source(part.type, bag(part.source) ?? {});
    default:
      return undefined;
  }
}

function source(kind: string, { type, media_type, data, url, file_id, content }: Bag): Part[] | undefined {
  if (type === 'base64') return [blob(media_type === undefined ? kind : modalityOf(media_type), media_type, data)];
  if (type === 'url') return [linked(kind, url)];
  if (type === 'file') return [file(kind, file_id)];
  return type === 'text' ? textPart(data) : partsOf(content, block);
}

function tool(value: unknown): Tool[] {
  const definition = bag(value);
  // Anthropic's own tools have a type with a date; the app's may have none.
  return toolNamed(definition?.name, definition?.type === 'custom' ? undefined : definition?.type);
}

interface Block {
  readonly start: Bag;
  readonly text: GrowingText;
}

function eventAssembler(): Assembler {
  const blocks: Block[] = [];
  let reason: unknown;
  return {
    read(value) {
      const { type, index, content_block, delta } = bag(value) ?? {};
      const at = typeof index === 'number' ? index : 0;
      if (type === 'content_block_start') {
        blocks[at] = { start: bag(content_block) ?? {}, text: new GrowingText() };
      } else if (type === 'content_block_delta') {
        const { text: said, thinking, partial_json } = bag(delta) ?? {};
        blocks[at]?.text.add(said ?? thinking ?? partial_json);
      } else if (type === 'message_delta') reason = bag(delta)?.stop_reason ?? reason;
    },
    messages() {
      const parts = partsOf(blocks.filter(Boolean).map(whole), block);
      return parts.length === 0 ? [] : [outputMessage(parts, reason)];
    },
  };
}

/** A block as a whole answer would have it. */
function whole({ start, text: grown }: Block): Bag {
  const said = String(grown);
  if (start.type === 'text') return { ...start, text: said };
  if (start.type === 'thinking') return { ...start, thinking: said };
  return said === '' ? start : { ...start, input: said };
}
