/** What an interaction says, step by step, as the steps are when they are finished. */
import type { Consumption } from '../core/consumption.ts';
import type { ApiRequest } from '../core/exchange.ts';
import { type Json, list, record } from '../core/json.ts';
import { prose } from '../core/prose.ts';
import { toolCall } from '../openai/tools.ts';

/** A step, or a content of one: the type says what else is in it. */
export interface Typed extends Json {
  readonly type: string;
}

/** The first bytes of a picture, and of a sound. */
const MEDIA: Readonly<Record<string, Typed>> = {
  image: { type: 'image', mime_type: 'image/png', data: 'iVBORw0KGgo=' },
  audio: { type: 'audio', mime_type: 'audio/wav', data: 'UklGRiQAAABXQVZF' },
};

/** A thought where the model thinks, a search where the request has one, and then a call of a function or an output. */
export function stepsOf(request: ApiRequest, { output, reasoning }: Consumption): readonly Typed[] {
  const thought = reasoning > 0 ? [thoughtOf(request)] : [];
  const call = request.plan.text === undefined ? calledFunction(request) : undefined;
  if (call) return [...thought, call];
  return [...thought, ...search(request), { type: 'model_output', content: contents(request, output - reasoning) }];
}

/** A summary has to be asked for; the signature is there with every thought. */
function thoughtOf({ body, id }: ApiRequest): Typed {
  const asked = record(body.generation_config).thinking_summaries === 'auto';
  const summary = [{ type: 'text', text: '**Reading the question**\n\nI look at what was asked.\n\n\n' }];
  return { type: 'thought', ...(asked && { summary }), signature: id('sig_', 40) };
}

/** As in OpenAI's APIs, only that the choice stands in the configuration. */
function calledFunction({ body, random, id }: ApiRequest): Typed | undefined {
  const answered = record(list(body.input).at(-1)).type === 'function_result';
  const { tool_choice } = record(body.generation_config);
  const call = toolCall({ tools: body.tools, tool_choice }, answered, random);
  if (!call) return undefined;
  return { type: 'function_call', id: id('', 8), name: call.name, arguments: JSON.parse(call.arguments) };
}

function search({ body, id }: ApiRequest): readonly Typed[] {
  if (!list(body.tools).some((tool) => record(tool).type === 'google_search')) return [];
  const called = id('', 8);
  const signature = id('sig_', 40);
  return [
    { type: 'google_search_call', id: called, arguments: { queries: ['what the question asks'] }, signature },
    { type: 'google_search_result', call_id: called, result: [{ search_suggestions: '<div>more</div>' }], signature },
  ];
}

function contents({ body, plan, random }: ApiRequest, tokens: number): readonly Typed[] {
  const media = list(body.response_modalities).flatMap((modality) => MEDIA[String(modality)] ?? []);
  return media.length > 0 ? media : [{ type: 'text', text: plan.text ?? prose(random, tokens) }];
}
