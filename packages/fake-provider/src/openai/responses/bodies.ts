/** JSON bodies of responses. */
import type { ApiRequest } from '../../core/exchange.ts';
import { type Json, record } from '../../core/json.ts';
import type { Decided } from './response.ts';

/** `response` at its end. */
export function responseBody(request: ApiRequest, decided: Decided): Json {
  const { status } = decided;
  const failure = { code: 'server_error', message: 'The model failed to generate a response.' };
  return {
    ...frame(request, decided),
    completed_at: status === 'completed' ? request.now : null,
    status,
    error: status === 'failed' ? failure : null,
    incomplete_details: status === 'incomplete' ? { reason: 'max_output_tokens' } : null,
    output: decided.output,
    usage: decided.usage,
  };
}

/** `response` while the work goes on: no output, no usage. */
export function pendingBody(request: ApiRequest, decided: Decided, status: 'queued' | 'in_progress'): Json {
  return { ...frame(request, decided), status };
}

function frame({ body, now, model }: ApiRequest, { id, tier }: Decided): Json {
  return {
    id,
    object: 'response',
    created_at: now,
    completed_at: null,
    status: 'in_progress',
    background: body.background === true,
    error: null,
    incomplete_details: null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    max_tool_calls: body.max_tool_calls ?? null,
    model,
    output: [],
    parallel_tool_calls: true,
    previous_response_id: body.previous_response_id ?? null,
    prompt_cache_key: body.prompt_cache_key ?? null,
    reasoning: { effort: record(body.reasoning).effort ?? null, summary: null },
    safety_identifier: null,
    service_tier: tier,
    store: body.store !== false,
    temperature: 1,
    text: { format: record(body.text).format ?? { type: 'text' }, verbosity: 'medium' },
    tool_choice: body.tool_choice ?? 'auto',
    tools: body.tools ?? [],
    top_logprobs: 0,
    top_p: 1,
    truncation: 'disabled',
    usage: null,
    user: null,
    metadata: body.metadata ?? {},
  };
}
