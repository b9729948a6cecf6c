/**
 * What is said in Bedrock's InvokeModel. Bodies are the makers' own; most makers speak one of three APIs, and a body's shape
 * says which: the id of a model may be that of a profile, which tells nothing. The others take a prompt and give a text.
 */
import { OPERATION } from '@tokenmeter/semconv';
import {
  type Assembler,
  type ContentReader,
  GrowingText,
  type Message,
  outputMessage,
  textPart,
} from '../../content/messages.ts';
import { messagesContent } from '../anthropic/content.ts';
import { chatContent } from '../openai-wire/content.ts';
import { type Bag, bag, list, text } from '../read.ts';
import { parseBody } from './body.ts';
import { converseContent } from './content.ts';
import { operationOf } from './request.ts';
import { reasonOf } from './response.ts';

interface Family {
  readonly reader: ContentReader;
  asks(body: Bag): boolean;
  answers(body: Bag): boolean;
  /** Its first chunk. */
  streams(chunk: Bag): boolean;
}

/** The first that fits. */
const FAMILIES: readonly Family[] = [
  {
    reader: messagesContent,
    asks: (body) => body.anthropic_version !== undefined,
    answers: (body) => body.type === 'message',
    streams: (chunk) => chunk.type === 'message_start',
  },
  {
    // Amazon's Nova. Its blocks have no type.
    reader: converseContent,
    asks: (body) => list(body.messages).some((one) => list(bag(one)?.content).some((part) => !bag(part)?.type)),
    answers: (body) => bag(body.output)?.message !== undefined,
    streams: (chunk) => chunk.messageStart !== undefined,
  },
  {
    reader: chatContent,
    asks: (body) => Array.isArray(body.messages),
    answers: (body) => bag(list(body.choices)[0])?.message !== undefined,
    streams: (chunk) => bag(list(chunk.choices)[0])?.delta !== undefined,
  },
];

const promptContent: ContentReader = {
  request(value) {
    const { prompt, inputText, message, chat_history, preamble } = bag(value) ?? {};
    const asked: Message = { role: 'user', parts: textPart(prompt ?? inputText ?? message) };
    return { messages: [...list(chat_history).map(turn), asked], instructions: textPart(preamble) };
  },
  response: (value) => said(bag(value) ?? {}).map(({ content, reason }) => outputMessage(textPart(content), reason)),
  stream: textAssembler,
};

/** Of Cohere's history. */
function turn(value: unknown): Message {
  const { role, message } = bag(value) ?? {};
  return { role: role === 'CHATBOT' ? 'assistant' : (text(role)?.toLowerCase() ?? 'user'), parts: textPart(message) };
}

/** Where makers have their answers: Titan, Mistral, Cohere, Jurassic, DeepSeek. */
const LISTS = ['results', 'outputs', 'generations', 'completions', 'choices'] as const;

interface Said {
  readonly content: unknown;
  readonly reason: unknown;
}

/** The texts of an answer, or of a chunk of one. */
function said(body: Bag): Said[] {
  const items = LISTS.flatMap((name) => list(body[name])).map((one) => bag(one) ?? {});
  return (items.length > 0 ? items : [body]).flatMap((item) => {
    const content = item.outputText ?? item.generation ?? item.text ?? bag(item.data)?.text;
    const reason = reasonOf(item) ?? reasonOf(body) ?? bag(item.finishReason)?.reason;
    return content === undefined && reason === undefined ? [] : [{ content, reason }];
  });
}

function textAssembler(): Assembler {
  const grown = new GrowingText();
  let last: unknown;
  return {
    read(chunk) {
      const [{ content, reason } = { content: undefined, reason: undefined }] = said(bag(chunk) ?? {});
      grown.add(content);
      last = reason ?? last;
    },
    messages: () => [outputMessage(textPart(grown), last)],
  };
}

const readerOf = (fits: (family: Family) => boolean): ContentReader => FAMILIES.find(fits)?.reader ?? promptContent;

/** Reads the input, the output and the events of the two commands. */
export const invokeContent: ContentReader = {
  request(input) {
    const { modelId, body: bytes } = bag(input) ?? {};
    const body = parseBody(bytes);
    if (!body || operationOf(modelId) !== OPERATION.chat) return {};
    return readerOf((family) => family.asks(body)).request(body);
  },
  response(output) {
    const body = parseBody(bag(output)?.body);
    return body ? readerOf((family) => family.answers(body)).response(body) : [];
  },
  stream: chunkAssembler,
};

function chunkAssembler(): Assembler {
  let maker: Assembler | undefined;
  return {
    read(event) {
      const chunk = parseBody(bag(bag(event)?.chunk)?.bytes);
      if (!chunk) return;
      maker ??= readerOf((family) => family.streams(chunk)).stream();
      maker.read(chunk);
    },
    messages: () => maker?.messages() ?? [],
  };
}
