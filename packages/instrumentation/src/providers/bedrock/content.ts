/** What is said in Bedrock's Converse, whoever made the model, and in the bodies of Amazon's own models. */
import {
  type Assembler,
  blob,
  type ContentReader,
  GrowingText,
  outputMessage,
  type Part,
  partsOf,
  reasoningPart,
  resultOf,
  textPart,
  toolCall,
  toolNamed,
  toolResult,
} from '../../content/messages.ts';
import { type Bag, bag, list, text } from '../read.ts';

export const converseContent: ContentReader = {
  request(params) {
    const { messages, system, toolConfig } = bag(params) ?? {};
    return {
      messages: list(messages).map((value) => {
        const { role, content } = bag(value) ?? {};
        return { role: text(role) ?? 'user', parts: partsOf(content, block) };
      }),
      instructions: partsOf(system, block),
      tools: list(bag(toolConfig)?.tools).flatMap((one) => toolNamed(bag(bag(one)?.toolSpec)?.name)),
    };
  },
  response(value) {
    const body = bag(value);
    const message = bag(bag(body?.output)?.message);
    return message ? [outputMessage(partsOf(message.content, block), body?.stopReason)] : [];
  },
  stream: eventAssembler,
};

/** A block has one field, whose name says what it is. */
function block(part: Bag): Part[] {
  if (typeof part.text === 'string') return textPart(part.text);
  const [kind = 'unknown', value] = Object.entries(part).find(([, one]) => one !== undefined) ?? [];
  const given = bag(value) ?? {};
  switch (kind) {
    case 'toolUse':
      return [toolCall(given.toolUseId, given.name, given.input)];
    case 'toolResult':
      return [toolResult(given.toolUseId, results(given.content))];
    case 'json':
      return [{ type: kind, content: value }];
    case 'reasoningContent':
      return reasoningPart(bag(given.reasoningText)?.text);
    case 'image':
    case 'video':
    case 'audio':
    case 'document':
      return [media(kind, given)];
    default:
      return [{ type: kind }];
  }
}

/** Texts as one text, JSON as it is. */
function results(content: unknown): unknown {
  const [only, ...others] = list(content).map(bag);
  return others.length === 0 && only?.json !== undefined ? only.json : resultOf(content, block);
}

function media(kind: string, { format, source }: Bag): Part {
  const { bytes, s3Location } = bag(source) ?? {};
  if (bytes === undefined) return { type: 'uri', modality: kind, uri: text(bag(s3Location)?.uri) ?? '' };
  return blob(kind, kind === 'document' ? undefined : `${kind}/${format}`, bytes);
}

interface Growing {
  readonly start: Bag;
  readonly text: GrowingText;
  thinks: boolean;
}

function eventAssembler(): Assembler {
  const blocks: Growing[] = [];
  let reason: unknown;
  return {
    read(value) {
      const { contentBlockStart, contentBlockDelta, messageStop } = bag(value) ?? {};
      const event = bag(contentBlockStart ?? contentBlockDelta);
      if (event) {
        const at = typeof event.contentBlockIndex === 'number' ? event.contentBlockIndex : 0;
        blocks[at] ??= { start: bag(event.start) ?? {}, text: new GrowingText(), thinks: false };
        const { text: said, reasoningContent, toolUse } = bag(event.delta) ?? {};
        if (reasoningContent !== undefined) blocks[at].thinks = true;
        blocks[at].text.add(said ?? bag(reasoningContent)?.text ?? bag(toolUse)?.input);
      }
      reason = bag(messageStop)?.stopReason ?? reason;
    },
    messages() {
      const parts = blocks.filter(Boolean).flatMap(whole);
      return parts.length === 0 ? [] : [outputMessage(parts, reason)];
    },
  };
}

function whole({ start, text: grown, thinks }: Growing): Part[] {
  const use = bag(start.toolUse);
  if (use) return [toolCall(use.toolUseId, use.name, grown)];
  return thinks ? reasoningPart(grown) : textPart(grown);
}
