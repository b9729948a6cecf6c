/** What is said to the AI SDK's models: their prompt has one shape, whoever the provider is. */
import {
  type Assembler,
  blob,
  type ContentReader,
  GrowingText,
  linked,
  modalityOf,
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
import { type Bag, bag, list, text } from '../../providers/read.ts';
import type { Invocation } from './types.ts';

export const languageContent: ContentReader = {
  request(value) {
    const { prompt, tools } = (value as Invocation).options;
    return {
      messages: list(prompt).map((item) => {
        const { role, content } = bag(item) ?? {};
        return { role: text(role) ?? 'user', parts: partsOf(content, part) };
      }),
      tools: list(tools).flatMap((one) => toolNamed(bag(one)?.name, bag(one)?.type)),
    };
  },
  response(value) {
    const result = bag(value);
    return result ? [outputMessage(partsOf(list(result.content), part), reasonOf(result.finishReason))] : [];
  },
  stream: partAssembler,
};

/** A text up to specification 2; later, the AI SDK's word and the provider's own. */
function reasonOf(reason: unknown): unknown {
  return bag(reason)?.unified ?? reason;
}

function part(given: Bag): Part[] | undefined {
  switch (given.type) {
    case 'text':
      return textPart(given.text);
    case 'reasoning':
      return reasoningPart(given.text);
    case 'tool-call':
      return [toolCall(given.toolCallId, given.toolName, given.input)];
    case 'tool-result':
      return [toolResult(given.toolCallId, outputOf(given))];
    case 'file':
    // In what a tool gave.
    case 'media':
    case 'file-data':
    case 'image-data':
      return [media(given)];
    default:
      return undefined;
  }
}

function outputOf({ output, result }: Bag): unknown {
  const { type, value } = bag(output) ?? {};
  return type === 'content' ? resultOf(value, part) : (value ?? output ?? result);
}

/** Specification 4 says of the data what it is. */
function media({ mediaType, data }: Bag): Part {
  const { type, url, data: bytes } = bag(data) ?? {};
  const address = data instanceof URL ? data : type === 'url' ? url : undefined;
  const modality = modalityOf(mediaType);
  return address === undefined
    ? blob(modality, mediaType, data instanceof Uint8Array ? data : (bytes ?? data))
    : linked(modality, String(address));
}

/** The name of the growing part that an event belongs to. */
const GROWS: Readonly<Record<string, string>> = { 'text-delta': 'text', 'reasoning-delta': 'reasoning' };

function partAssembler(): Assembler {
  const parts: { readonly part: Bag; readonly grown?: GrowingText }[] = [];
  let reason: unknown;
  return {
    read(value) {
      const event = bag(value) ?? {};
      const type = GROWS[text(event.type) ?? ''];
      if (type !== undefined) {
        if (parts.at(-1)?.part.type !== type) parts.push({ part: { type }, grown: new GrowingText() });
        parts.at(-1)?.grown?.add(event.delta);
      } else if (event.type === 'tool-call' || event.type === 'file') parts.push({ part: event });
      else if (event.type === 'finish') reason = reasonOf(event.finishReason);
    },
    messages() {
      const whole = parts.map(({ part: one, grown }) => (grown ? { ...one, text: String(grown) } : one));
      return whole.length === 0 ? [] : [outputMessage(partsOf(whole, part), reason)];
    },
  };
}
