/**
 * What is said in Bedrock's InvokeModel. Bodies are the makers' own; most makers speak one of four APIs, and a body's shape
 * says which: the id of a model may be that of a profile, which tells nothing. The others take a prompt and give a text.
 */
import { OPERATION } from '@tokenmeter/semconv';
import { type Assembler, type ContentReader, GrowingText, outputMessage, textPart } from '../../content/messages.ts';
import { messagesContent } from '../anthropic/content.ts';
import { chatContent as cohereContent } from '../cohere/content.ts';
import { chatContent } from '../openai-wire/content.ts';
import { type Bag, bag, list } from '../read.ts';
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

/** Cohere's Command R: version 1 of its API, in names that its SDK writes otherwise. */
const commandContent: ContentReader = {
  request(value) {
    const { message, preamble, tools, chat_history: history, tool_results: toolResults } = bag(value) ?? {};
    const chatHistory = list(history).map((turn) => commandNames(bag(turn) ?? {}));
    return cohereContent.request({ message, preamble, tools, toolResults, chatHistory });
  },
  response: (value) => cohereContent.response(commandNames(bag(value) ?? {})),
  stream: () => renamed(cohereContent.stream(), commandNames),
};

function commandNames({
  tool_calls: toolCalls,
  tool_results: toolResults,
  finish_reason: finishReason,
  ...rest
}: Bag): Bag {
  return { ...rest, toolCalls, toolResults, finishReason };
}

/** OpenAI's messages. Mistral's models stop for a `stop_reason`, and stream messages. */
const openaiContent: ContentReader = {
  request: chatContent.request,
  response: (value) => chatContent.response(openaiNames(bag(value) ?? {})),
  stream: () => renamed(chatContent.stream(), openaiNames),
};

function openaiNames({ choices }: Bag): Bag {
  return {
    choices: list(choices).map((one) => {
      const choice = bag(one) ?? {};
      const { message, delta = message, stop_reason, finish_reason = stop_reason } = choice;
      return { ...choice, delta, finish_reason };
    }),
  };
}

function renamed(assembler: Assembler, names: (chunk: Bag) => Bag): Assembler {
  return { read: (chunk) => assembler.read(names(bag(chunk) ?? {})), messages: () => assembler.messages() };
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
    reader: openaiContent,
    asks: (body) => Array.isArray(body.messages),
    answers: (body) => bag(list(body.choices)[0])?.message !== undefined,
    streams: (chunk) => (bag(list(chunk.choices)[0])?.delta ?? bag(list(chunk.choices)[0])?.message) !== undefined,
  },
  {
    reader: commandContent,
    asks: (body) => body.message !== undefined,
    answers: (body) => typeof body.text === 'string',
    streams: (chunk) => chunk.event_type !== undefined,
  },
];

const promptContent: ContentReader = {
  request(value) {
    const { prompt, inputText } = bag(value) ?? {};
    return { messages: [{ role: 'user', parts: textPart(prompt ?? inputText) }] };
  },
  response: (value) => said(bag(value) ?? {}).map(({ content, reason }) => outputMessage(textPart(content), reason)),
  stream: textAssembler,
};

/** Where makers have their answers: Titan, Mistral, Cohere's Command, Jurassic, DeepSeek. */
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
