/** `/interactions`: a turn whose state the provider keeps. The stream is a series of named events, the last has the usage. */
import { type Consumption, draw, tokensOf } from '../core/consumption.ts';
import { type Answer, type ApiRequest, Refusal } from '../core/exchange.ts';
import { distort } from '../core/faults.ts';
import { number, record, text } from '../core/json.ts';
import { reasons } from '../core/models.ts';
import { dataFrame } from '../core/sse.ts';
import { type Event, events, inBody, revisionOf } from './step-events.ts';
import { stepsOf, type Typed } from './steps.ts';

/**
 * In the background it is answered `in_progress`, without usage; what it consumes is counted here all the same, and not
 * again when it is retrieved. When it is, the steps begin with what was asked.
 */
export function interact(request: ApiRequest): Answer {
  const { body, plan, random, model, stored, headers } = request;
  if (body.input === undefined) throw new Refusal(400, { message: 'input: not specified' });
  const config = record(body.generation_config);
  const input = tokensOf(body.input, body.system_instruction, body.tools);
  const demand = {
    input,
    maxOutput: number(config.max_output_tokens),
    reasons: reasons(model),
    cache: 'none' as const,
  };
  const consumed = draw(random, demand, plan.usage);
  const steps = stepsOf(request, consumed);
  const usage = distort(usageOf(consumed), plan.fault);
  const tier = plan.serviceTier ?? text(body.service_tier) ?? 'standard';
  const id = request.id('v1_', 20);
  const named = body.agent === undefined ? { model } : { agent: body.agent };
  const opened = { id, ...named, object: 'interaction', status: 'in_progress', service_tier: tier };
  const finished = { ...opened, status: statusOf(request, steps), usage };
  const revision = revisionOf(headers['api-revision']);
  const facts: Answer = { responseId: id, consumed, serviceTier: tier, usage };
  const whole: Answer = { ...facts, body: { ...finished, ...inBody(revision, steps) } };
  const retrieved = { ...facts, body: { ...finished, ...inBody(revision, [asked(body.input), ...steps]) } };
  const frames = events(revision, [opened, finished], steps, plan.chunks).map(frame);
  const background = body.background === true;
  stored.put(id, { answer: retrieved, frames, pending: opened, pollsLeft: background ? (plan.polls ?? 0) : 0 });
  if (body.stream === true) return { ...facts, frames };
  return background ? { ...facts, usage: undefined, body: opened } : whole;
}

/** An answer that calls a function waits for its result. */
function statusOf({ plan }: ApiRequest, steps: readonly Typed[]): string {
  if (plan.finish === 'failed') return 'failed';
  if (plan.finish !== undefined) return 'incomplete';
  return steps.at(-1)?.type === 'function_call' ? 'requires_action' : 'completed';
}

function asked(input: unknown): Typed {
  return { type: 'user_input', content: typeof input === 'string' ? [{ type: 'text', text: input }] : input };
}

export function retrieveInteraction({ params, stored }: ApiRequest): Answer {
  const [id = ''] = params;
  const found = stored.get(id);
  if (!found) throw new Refusal(404, { message: `Interaction ${id} is not found.` });
  if (found.pollsLeft === 0) return found.answer;
  found.pollsLeft--;
  return { ...found.answer, usage: undefined, body: found.pending };
}

function usageOf({ input, output, cacheRead, reasoning }: Consumption): Readonly<Record<string, unknown>> {
  return {
    total_tokens: input + output,
    total_input_tokens: input,
    total_output_tokens: output - reasoning,
    ...(cacheRead > 0 && { total_cached_tokens: cacheRead }),
    ...(reasoning > 0 && { total_thought_tokens: reasoning }),
  };
}

function frame(event: Event): string {
  return `event: ${event.event_type}\n${dataFrame(event)}`;
}
