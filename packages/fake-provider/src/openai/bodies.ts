/** JSON bodies of the OpenAI API but for responses. */
import { draw, NOTHING, tokensOf } from '../core/consumption.ts';
import { type Answer, type ApiRequest, Refusal } from '../core/exchange.ts';
import { distort } from '../core/faults.ts';
import { number, text } from '../core/json.ts';
import { prose } from '../core/prose.ts';
import type { Random } from '../core/random.ts';
import type { Chat, Choice } from './chat.ts';

/** `chat.completion`. */
export function chatBody(request: ApiRequest, chat: Chat): object {
  return {
    id: chat.id,
    object: 'chat.completion',
    created: request.now,
    model: request.model,
    choices: chat.choices.map((choice, index) => ({
      index,
      message: message(choice),
      logprobs: null,
      finish_reason: choice.finish,
    })),
    usage: chat.usage,
    service_tier: chat.tier,
    system_fingerprint: null,
  };
}

function message({ text: content, refusal, toolCall }: Choice): object {
  const head = { role: 'assistant', content: content ?? null, refusal: refusal ?? null, annotations: [] };
  if (!toolCall) return head;
  const { id, name, arguments: given } = toolCall;
  return { ...head, tool_calls: [{ id, type: 'function', function: { name, arguments: given } }] };
}

/** Dimensions of an embedding unless the request says. */
const DIMENSIONS: Readonly<Record<string, number>> = { 'text-embedding-3-large': 3072 };

/** `POST /embeddings`: floats, or their little-endian bytes in base64 as the SDK asks for by itself. */
export function embeddings({ body, random, plan, model }: ApiRequest): Answer {
  if (body.input === undefined) throw new Refusal(400, { message: "Missing required parameter: 'input'." });
  const inputs = inputsOf(body.input);
  const dimensions = number(body.dimensions) ?? DIMENSIONS[model] ?? 1536;
  const input = inputs.reduce<number>((sum, one) => sum + (Array.isArray(one) ? one.length : tokensOf(one)), 0);
  const consumed = { ...NOTHING, input, ...plan.usage };
  const usage = distort({ prompt_tokens: consumed.input, total_tokens: consumed.input }, plan.fault);
  const data = inputs.map((_, index) => {
    const vector = unitVector(random, dimensions);
    const embedding = body.encoding_format === 'base64' ? Buffer.from(vector.buffer).toString('base64') : [...vector];
    return { object: 'embedding', index, embedding };
  });
  return { consumed, usage, body: { object: 'list', data, model, usage } };
}

/** A text, texts, tokens, or lists of tokens. */
function inputsOf(input: unknown): readonly unknown[] {
  return Array.isArray(input) && typeof input[0] !== 'number' ? input : [input];
}

function unitVector(random: Random, dimensions: number): Float32Array {
  const raw = Float32Array.from({ length: dimensions }, () => random() - 0.5);
  const length = Math.hypot(...raw);
  return raw.map((value) => value / length);
}

/** A legacy completion, before it is written as a body or a stream. */
export interface Completion {
  readonly id: string;
  readonly texts: readonly string[];
  readonly answer: Answer;
}

/** Decides a legacy completion. */
export function decideCompletion(request: ApiRequest): Completion {
  const { body, random, plan, id, model } = request;
  if (model === '') throw new Refusal(400, { message: 'you must provide a model parameter' });
  const prompts = Array.isArray(body.prompt) ? body.prompt.length : 1;
  const choices = Math.max(1, number(body.n) ?? 1) * prompts;
  const consumed = draw(
    random,
    { input: tokensOf(body.prompt), maxOutput: number(body.max_tokens) ?? 16, choices, cache: 'none' },
    plan.usage,
  );
  const texts = Array.from(
    { length: choices },
    () => plan.text ?? prose(random, Math.floor(consumed.output / choices)),
  );
  const { input, output } = consumed;
  const total = { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
  const usage = distort(total, plan.fault);
  const responseId = id('cmpl-', 29);
  return { id: responseId, texts, answer: { responseId, consumed, usage } };
}

/** `text_completion`. */
export function completionBody({ now, model }: ApiRequest, { id, texts, answer }: Completion): object {
  const choices = texts.map((one, index) => ({ text: one, index, logprobs: null, finish_reason: 'stop' }));
  return { id, object: 'text_completion', created: now, model, choices, usage: answer.usage };
}

const CATEGORIES = ['harassment', 'hate', 'illicit', 'self-harm', 'sexual', 'violence'];

/** `POST /moderations`: free, and never flags. */
export function moderations({ body, id, random }: ApiRequest): Answer {
  const each = <Value>(value: () => Value): object => Object.fromEntries(CATEGORIES.map((name) => [name, value()]));
  const results = inputsOf(body.input).map(() => ({
    flagged: false,
    categories: each(() => false),
    category_scores: each(() => Math.round(random() * 100) / 100_000),
    category_applied_input_types: each(() => ['text']),
  }));
  const model = text(body.model) ?? 'omni-moderation-latest';
  const responseId = id('modr-', 24);
  return { responseId, consumed: NOTHING, body: { id: responseId, model, results } };
}
