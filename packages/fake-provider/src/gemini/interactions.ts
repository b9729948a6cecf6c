/** `/interactions`: a turn whose state the provider keeps. The stream is a series of named events, the last has the usage. */
import { type Consumption, draw, tokensOf } from '../core/consumption.ts';
import { type Answer, type ApiRequest, Refusal } from '../core/exchange.ts';
import { distort } from '../core/faults.ts';
import { number, record, text } from '../core/json.ts';
import { reasons } from '../core/models.ts';
import { pieces, prose, usualPieces } from '../core/prose.ts';
import { dataFrame } from '../core/sse.ts';

interface Event {
  readonly event_type: string;
  readonly [field: string]: unknown;
}

/**
 * In the background it is answered `in_progress`, without usage; what it consumes is counted here all the same, and not
 * again when it is retrieved.
 */
export function interact(request: ApiRequest): Answer {
  const { body, plan, random, model, stored } = request;
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
  const said = plan.text ?? prose(random, consumed.output - consumed.reasoning);
  const usage = distort(usageOf(consumed), plan.fault);
  const tier = plan.serviceTier ?? text(body.service_tier) ?? 'standard';
  const id = request.id('v1_', 20);
  const named = body.agent === undefined ? { model } : { agent: body.agent };
  const opened = { id, ...named, object: 'interaction', status: 'in_progress', service_tier: tier };
  const facts: Answer = { responseId: id, consumed, serviceTier: tier, usage };
  const whole: Answer = { ...facts, body: { ...finished(opened, usage), steps: [stepOf(said)] } };
  const frames = events(opened, said, usage, plan.chunks).map(frame);
  const background = body.background === true;
  stored.put(id, { answer: whole, frames, pending: opened, pollsLeft: background ? (plan.polls ?? 0) : 0 });
  if (body.stream === true) return { ...facts, frames };
  return background ? { ...facts, usage: undefined, body: opened } : whole;
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

function finished(opened: object, usage: unknown): object {
  return { ...opened, status: 'completed', usage };
}

function stepOf(said: string): object {
  return { type: 'model_output', content: [{ type: 'text', text: said }] };
}

function events(opened: object, said: string, usage: unknown, planned: number | undefined): readonly Event[] {
  return [
    { event_type: 'interaction.created', interaction: opened },
    { event_type: 'step.start', index: 0, step: { type: 'model_output' } },
    ...pieces(said, planned ?? usualPieces(said)).map((part) => ({
      event_type: 'step.delta',
      index: 0,
      delta: { type: 'text', text: part },
    })),
    { event_type: 'step.stop', index: 0 },
    { event_type: 'interaction.completed', interaction: finished(opened, usage) },
  ];
}

function frame(event: Event): string {
  return `event: ${event.event_type}\n${dataFrame(event)}`;
}
