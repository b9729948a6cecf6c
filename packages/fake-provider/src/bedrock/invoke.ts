/** InvokeModel: each maker's own body, passed through, with Bedrock's counts in the headers and on the last chunk. */
import { messageBody, messageUsage } from '../anthropic/bodies.ts';
import { decideMessage } from '../anthropic/message.ts';
import { messageEvents } from '../anthropic/stream.ts';
import { speakVersion1 } from '../cohere/chat.ts';
import { type Consumption, NOTHING, tokensOf } from '../core/consumption.ts';
import type { Answer, ApiRequest } from '../core/exchange.ts';
import { distort } from '../core/faults.ts';
import { list, record } from '../core/json.ts';
import { pieces, usualPieces } from '../core/prose.ts';
import { type Chat, decideChat } from '../openai/chat.ts';
import { completionUsage } from '../openai/usage.ts';
import { converseUsage, decideConversation, EVENT_STREAM } from './converse.ts';
import { eventMessage } from './event-stream.ts';

/** What a model says, whole and as the chunks of a stream. */
interface Spoken {
  readonly consumed: Consumption;
  readonly body: object;
  readonly chunks: readonly object[];
}

/** Makers by the id of their models. */
const MAKERS: readonly (readonly [model: RegExp, speak: (request: ApiRequest) => Spoken])[] = [
  [/embed/, embedding],
  [/anthropic\./, claude],
  [/amazon\.nova/, nova],
  [/amazon\.titan/, titan],
  [/meta\.llama/, llama],
  [/cohere\.command/, command],
  [/mistral\./, mistral],
  [/./, openaiLike],
];

function speak(request: ApiRequest): Spoken {
  const maker = MAKERS.find(([model]) => model.test(request.params[0] ?? ''));
  return (maker?.[1] ?? openaiLike)(request);
}

export function invoke(request: ApiRequest): Answer {
  const { consumed, body } = speak(request);
  const counts = {
    'x-amzn-bedrock-input-token-count': String(uncached(consumed)),
    'x-amzn-bedrock-output-token-count': String(consumed.output),
  };
  return { consumed, body, headers: request.plan.fault?.kind === 'no-usage' ? {} : counts };
}

export function invokeStream(request: ApiRequest): Answer {
  const { consumed, chunks } = speak(request);
  const metrics = {
    inputTokenCount: uncached(consumed),
    outputTokenCount: consumed.output,
    invocationLatency: 1275,
    firstByteLatency: 320,
  };
  const counted = { ...chunks.at(-1), 'amazon-bedrock-invocationMetrics': metrics };
  const last = request.plan.fault?.kind === 'no-usage' ? (chunks.at(-1) ?? {}) : counted;
  const frames = [...chunks.slice(0, -1), last].map((chunk) =>
    eventMessage('chunk', { bytes: Buffer.from(JSON.stringify(chunk)).toString('base64') }),
  );
  return { consumed, frames, headers: EVENT_STREAM };
}

function uncached({ input, cacheRead, cacheWrite5m, cacheWrite1h }: Consumption): number {
  return input - cacheRead - cacheWrite5m - cacheWrite1h;
}

/** Its body names the model as Anthropic does. */
function claude({ model, ...rest }: ApiRequest): Spoken {
  const request = { ...rest, model: model.replace(/^.*anthropic\./, '').replace(/-v\d+(:\d+)?$/, '') };
  const message = decideMessage(request);
  const usage = distort(messageUsage(message.consumed, message.tier), request.plan.fault);
  return {
    consumed: message.consumed,
    body: messageBody(request, message, usage),
    chunks: messageEvents(request, message),
  };
}

function nova(request: ApiRequest): Spoken {
  const { consumed, choices } = decideConversation(request);
  const words = choices[0]?.text ?? '';
  const usage = distort(converseUsage(consumed), request.plan.fault);
  return {
    consumed,
    body: { output: { message: { role: 'assistant', content: [{ text: words }] } }, stopReason: 'end_turn', usage },
    chunks: [
      { messageStart: { role: 'assistant' } },
      ...parts(request, words).map((text) => ({ contentBlockDelta: { delta: { text }, contentBlockIndex: 0 } })),
      { messageStop: { stopReason: 'end_turn' } },
      { metadata: { usage, metrics: {} } },
    ],
  };
}

/** The prompt is one text. */
function prompted(request: ApiRequest, prompt: unknown, maximum: unknown): Chat {
  return decideChat({ ...request, body: { messages: [{ role: 'user', content: prompt }], max_tokens: maximum } });
}

function titan(request: ApiRequest): Spoken {
  const { consumed, choices } = prompted(request, request.body.inputText, undefined);
  const words = choices[0]?.text ?? '';
  const texts = parts(request, words);
  const counts = distort(
    {
      inputTextTokenCount: consumed.input,
      results: [{ tokenCount: consumed.output, outputText: words, completionReason: 'FINISH' }],
    },
    request.plan.fault,
  );
  return {
    consumed,
    body: (counts as object | undefined) ?? { results: [{ outputText: words, completionReason: 'FINISH' }] },
    chunks: texts.map((outputText, index) => ({
      outputText,
      index,
      completionReason: index === texts.length - 1 ? 'FINISH' : null,
    })),
  };
}

function llama(request: ApiRequest): Spoken {
  const { consumed, choices } = prompted(request, request.body.prompt, request.body.max_gen_len);
  const generation = choices[0]?.text ?? '';
  const counts = distort(
    { prompt_token_count: consumed.input, generation_token_count: consumed.output },
    request.plan.fault,
  ) as object | undefined;
  const texts = parts(request, generation);
  const end = { stop_reason: 'stop', ...counts };
  return {
    consumed,
    body: { generation, ...end },
    chunks: texts.map((text, index) => ({ generation: text, ...(index === texts.length - 1 && end) })),
  };
}

/** Of version 1 of Cohere's own API, without its counts. */
function command(request: ApiRequest): Spoken {
  const { consumed, body, events } = speakVersion1(request);
  return { consumed, body: { ...body, meta: undefined }, chunks: events };
}

/** OpenAI's, but that it stops for a reason of another name, and streams messages. */
function mistral(request: ApiRequest): Spoken {
  const { consumed, body, chunks } = openaiLike(request);
  const renamed = (value: object): object => ({
    ...value,
    choices: list(record(value).choices).map((choice) => {
      const { finish_reason: stop_reason, delta, message = delta, ...rest } = record(choice);
      return { ...rest, message: { role: 'assistant', ...record(message) }, stop_reason };
    }),
  });
  return { consumed, body: renamed(body), chunks: chunks.map(renamed) };
}

/** DeepSeek, OpenAI's open models and others. */
function openaiLike(request: ApiRequest): Spoken {
  const decided = decideChat(request);
  const content = decided.choices[0]?.text ?? '';
  const usage = distort(completionUsage(decided.consumed), request.plan.fault);
  const choice = (more: object, reason: string | null) => ({ choices: [{ index: 0, ...more, finish_reason: reason }] });
  const texts = parts(request, content);
  return {
    consumed: decided.consumed,
    body: { id: decided.id, ...choice({ message: { role: 'assistant', content } }, 'stop'), usage },
    chunks: texts.map((text, index) =>
      choice({ delta: { content: text } }, index === texts.length - 1 ? 'stop' : null),
    ),
  };
}

function embedding({ body, plan, random }: ApiRequest): Spoken {
  const consumed = { ...NOTHING, input: tokensOf(body.inputText ?? body.texts), ...plan.usage };
  const vector = Array.from({ length: 4 }, () => random() - 0.5);
  const usage = distort({ inputTextTokenCount: consumed.input }, plan.fault) as object | undefined;
  return { consumed, body: { embedding: vector, ...usage }, chunks: [] };
}

function parts({ plan }: ApiRequest, words: string): readonly string[] {
  return pieces(words, plan.chunks ?? usualPieces(words));
}
