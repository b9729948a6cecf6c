/** What a response says and costs, before it is written as a body or a stream. */
import { type Consumption, draw, NOTHING, tokensOf } from '../../core/consumption.ts';
import { type ApiRequest, Refusal } from '../../core/exchange.ts';
import { distort } from '../../core/faults.ts';
import { list, number, record } from '../../core/json.ts';
import { reasons } from '../../core/models.ts';
import { answerText, toolCall } from '../tools.ts';
import { responseUsage, servedTier } from '../usage.ts';

/** Items of a response's output, as they are when finished. */
export type OutputItem =
  | { readonly id: string; readonly type: 'reasoning'; readonly summary: readonly never[] }
  | {
      readonly id: string;
      readonly type: 'message';
      readonly status: ItemStatus;
      readonly role: 'assistant';
      readonly content: readonly [ContentPart];
    }
  | {
      readonly id: string;
      readonly type: 'function_call';
      readonly status: ItemStatus;
      readonly call_id: string;
      readonly name: string;
      readonly arguments: string;
    };

type ItemStatus = 'completed' | 'incomplete';

export type ContentPart =
  | {
      readonly type: 'output_text';
      readonly text: string;
      readonly annotations: readonly never[];
      readonly logprobs: readonly never[];
    }
  | { readonly type: 'refusal'; readonly refusal: string };

/** A response that has come to its end. */
export interface Decided {
  readonly id: string;
  readonly status: 'completed' | 'incomplete' | 'failed';
  readonly output: readonly OutputItem[];
  readonly consumed: Consumption;
  /** As it is to be sent; undefined: not at all. A failed response has null. */
  readonly usage: unknown;
  readonly tier: string;
}

/** Decides the answer. Throws a Refusal for a request that OpenAI would refuse. */
export function decideResponse(request: ApiRequest): Decided {
  const { body, random, plan, model } = request;
  if (model === '') throw new Refusal(400, { message: "Missing required parameter: 'model'." });
  const id = request.id('resp_', 48, 'hex');
  const tier = servedTier(request);
  if (plan.finish === 'failed') return { id, status: 'failed', output: [], consumed: NOTHING, usage: null, tier };
  const demand = {
    input: tokensOf(body.instructions, body.input, body.tools, body.text),
    maxOutput: number(body.max_output_tokens),
    reasons: reasons(model),
    cache: 'automatic' as const,
  };
  const consumed = draw(random, demand, plan.usage);
  const usage = distort(responseUsage(consumed), plan.fault);
  const status = plan.finish === 'incomplete' || plan.finish === 'length' ? 'incomplete' : 'completed';
  return { id, status, output: output(request, consumed, status), consumed, usage, tier };
}

function output(request: ApiRequest, consumed: Consumption, status: ItemStatus): readonly OutputItem[] {
  const { body, random, plan, id } = request;
  const reasoning: OutputItem = { id: id('rs_', 48, 'hex'), type: 'reasoning', summary: [] };
  const before = consumed.reasoning > 0 ? [reasoning] : [];
  const answered = record(list(body.input).at(-1)).type === 'function_call_output';
  const spoken = plan.text !== undefined || plan.finish === 'refusal';
  const call = spoken ? undefined : toolCall(body, answered, random);
  if (call) {
    const ids = { id: id('fc_', 48, 'hex'), call_id: id('call_', 24) };
    return [...before, { type: 'function_call', status, ...ids, ...call }];
  }
  const part = contentPart(request, consumed.output - consumed.reasoning);
  return [...before, { id: id('msg_', 48, 'hex'), type: 'message', status, role: 'assistant', content: [part] }];
}

function contentPart({ body, random, plan }: ApiRequest, tokens: number): ContentPart {
  if (plan.finish === 'refusal') return { type: 'refusal', refusal: "I'm sorry, I can't help with that." };
  const text = answerText(plan.text, record(body.text).format, tokens, random);
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}
