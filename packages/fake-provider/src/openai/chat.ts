/** What a chat completion says and costs, before it is written as a body or a stream. */
import { type Consumption, draw, tokensOf } from '../core/consumption.ts';
import { type ApiRequest, Refusal } from '../core/exchange.ts';
import { distort } from '../core/faults.ts';
import { isRecord, list, number, record } from '../core/json.ts';
import { reasons } from '../core/models.ts';
import { answerText, type ToolCall, toolCall } from './tools.ts';
import { completionUsage, servedTier } from './usage.ts';

/** One of the `n` answers. */
export interface Choice {
  readonly text: string | undefined;
  readonly refusal: string | undefined;
  readonly toolCall: (ToolCall & { readonly id: string }) | undefined;
  readonly finish: 'stop' | 'length' | 'tool_calls';
}

/** A chat completion. */
export interface Chat {
  readonly id: string;
  readonly choices: readonly Choice[];
  readonly consumed: Consumption;
  /** As it is to be sent; undefined: not at all. */
  readonly usage: unknown;
  readonly tier: string;
}

const REFUSAL = "I'm sorry, I can't help with that.";

/** Decides the answer. Throws a Refusal for a request that OpenAI would refuse. */
export function decideChat(request: ApiRequest): Chat {
  const { body, random, plan, model } = request;
  if (model === '') throw new Refusal(400, { message: 'you must provide a model parameter' });
  if (!Array.isArray(body.messages)) throw new Refusal(400, { message: "Missing required parameter: 'messages'." });
  if (plan.fault?.kind === 'reject-stream-options' && isRecord(body.stream_options)) {
    throw new Refusal(400, { message: 'Unrecognized request argument supplied: stream_options' });
  }
  const choices = Math.max(1, number(body.n) ?? 1);
  const consumed = draw(
    random,
    {
      input: tokensOf(body.messages, body.tools, body.response_format),
      maxOutput: number(body.max_completion_tokens) ?? number(body.max_tokens),
      choices,
      reasons: reasons(model),
      cache: 'automatic',
    },
    plan.usage,
  );
  const visible = Math.max(1, Math.floor((consumed.output - consumed.reasoning) / choices));
  return {
    id: request.id('chatcmpl-', 29),
    choices: Array.from({ length: choices }, () => choice(request, visible)),
    consumed,
    usage: distort(completionUsage(consumed), plan.fault),
    tier: servedTier(request),
  };
}

function choice({ body, random, plan, id }: ApiRequest, tokens: number): Choice {
  if (plan.finish === 'refusal') return { text: undefined, refusal: REFUSAL, toolCall: undefined, finish: 'stop' };
  const last = record(list(body.messages).at(-1));
  const call = plan.text === undefined ? toolCall(body, last.role === 'tool', random) : undefined;
  if (call) {
    return { text: undefined, refusal: undefined, toolCall: { ...call, id: id('call_', 24) }, finish: 'tool_calls' };
  }
  const text = answerText(plan.text, body.response_format, tokens, random);
  return { text, refusal: undefined, toolCall: undefined, finish: plan.finish === 'length' ? 'length' : 'stop' };
}
